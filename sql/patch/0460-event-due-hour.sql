-- What is due on a circuit is one row an hour, however many homes it is about: from_at is the beginning of
-- the hour in which the first of their chains began, so that a storm is derived circuit by circuit.
alter table outage.event_due drop constraint event_due_pkey;
with old as (
  delete from outage.event_due returning *
)
insert into outage.event_due (circuit_id, from_at, to_at)
select o.circuit_id, date_bin('1 hour', o.from_at, 'epoch'), max(o.to_at) from old o group by 1, 2;
alter table outage.event_due add primary key (circuit_id, from_at);
