-- The transactions that are writing the audit now, or may be about to.
create or replace function access.audit_writers()
returns text[]
language sql volatile
set search_path = pg_catalog, pg_temp
return array(
  select l.virtualtransaction from pg_locks l
  where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.relation = 'access.audit'::regclass
    and l.database = (select d.oid from pg_database d where d.datname = current_database()));
comment on function access.audit_writers() is 'The transactions that are writing the audit now.';
grant execute on function access.audit_writers() to bptm_job;
