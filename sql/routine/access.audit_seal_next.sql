-- Seal the next rows of the audit, at most so many; gives how many. Writers wait for nothing: an id is taken by a transaction that
-- holds its lock on the table already, and commits before it lets go of it, so all ids up to the highest seen are settled when
-- the transactions that held the lock after it was seen have ended. (A horizon of transaction ids would not do: an id of a
-- row may be taken before its transaction has one.) Each statement here must see what was committed before it: read committed.
create or replace function access.audit_seal_next(in_most integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_number bigint;
  l_previous bytea;
  l_last bigint;
  l_high bigint;
  l_open text[];
  l_ids bigint[];
  l_hashes bytea[];
  l_at timestamptz := clock_timestamp();
begin
  select h.high_id, h.open into l_high, l_open from access.audit_horizon h for update;
  select s.number, s.hash, s.ids[cardinality(s.ids)] into l_number, l_previous, l_last
  from access.audit_seal s order by s.number desc limit 1;
  l_last := coalesce(l_last, 0);
  if not exists (select from access.audit a where a.audit_id > l_last and a.audit_id <= l_high) then
    select coalesce(max(a.audit_id), 0) into l_high from access.audit a;
    l_open := access.audit_writers();
    update access.audit_horizon set high_id = l_high, open = l_open;
  end if;
  if l_open && access.audit_writers() then
    return 0;
  end if;
  select array_agg(r.audit_id order by r.audit_id), array_agg(r.hash order by r.audit_id) into l_ids, l_hashes
  from (select a.audit_id, access.audit_row_hash(a) as hash from access.audit a
        where a.audit_id > l_last and a.audit_id <= l_high order by a.audit_id limit in_most) r;
  if l_ids is null then
    return 0;
  end if;
  l_number := coalesce(l_number, 0) + 1;
  l_previous := coalesce(l_previous, '');
  insert into access.audit_seal (number, previous, sealed_at, ids, hashes, hash)
  values (l_number, l_previous, l_at, l_ids, l_hashes, access.audit_seal_hash(l_previous, l_number, l_at, l_ids, l_hashes));
  return cardinality(l_ids);
end $$;
comment on function access.audit_seal_next(integer) is 'Seal the next rows of the audit, at most so many.';
grant execute on function access.audit_seal_next(integer) to bptm_job;
