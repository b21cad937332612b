-- Whether the plan of a range of rows still is the difference from what is stored; conflict when not:
-- what somebody looked at and committed is not what would be done.
create or replace function programme.import_verify(in_import_id bigint, in_from integer, in_to integer)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from programme.import_differ(in_import_id, in_from, in_to) d
    full join (select c.* from person.import_change c where c.import_id = in_import_id and c.row_no between in_from and in_to) c
      using (row_no)
    where (d.action, d.target_id, d.before, d.after) is distinct from (c.action, c.target_id, c.before, c.after)
  ) then
    raise exception using errcode = 'BP001', message = 'conflict';
  end if;
end
$$;
comment on function programme.import_verify(bigint, integer, integer) is 'Fail with conflict when a plan is out of date.';
grant execute on function programme.import_verify(bigint, integer, integer) to bptm_import;
