-- Keep the difference of a range of rows: what the commit will do, and only that.
create or replace function programme.import_plan(in_import_id bigint, in_from integer, in_to integer)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  insert into person.import_change (import_id, row_no, action, object_key, target_id, before, after)
  select in_import_id, d.row_no, d.action, d.object_key, d.target_id, d.before, d.after
  from programme.import_differ(in_import_id, in_from, in_to) d;
end;
comment on function programme.import_plan(bigint, integer, integer) is 'Keep the difference of rows of an import.';
grant execute on function programme.import_plan(bigint, integer, integer) to bptm_import;
