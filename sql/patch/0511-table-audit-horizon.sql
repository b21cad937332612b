-- How far the audit may be sealed: no row up to `high_id` can still come once the transactions in `open`, which were writing the
-- audit when that id was the highest, have ended.
create table access.audit_horizon (
  is_only boolean primary key default true check (is_only),
  high_id bigint not null default 0,
  open text[] not null default '{}' -- pg_locks.virtualtransaction
);
insert into access.audit_horizon default values;
