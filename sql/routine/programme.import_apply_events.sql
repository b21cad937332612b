-- Keep the good rows of an import of shutoffs or fast trips; conflict when that is not what was looked at.
create or replace function programme.import_apply_events(in_import_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform programme.import_events(in_import_id, false);
  if exists (
    select from programme.import_differ_events(in_import_id) d
    full join (select c.* from person.import_change c where c.import_id = in_import_id) c using (row_no)
    where (d.action, d.target_id, d.before, d.after) is distinct from (c.action, c.target_id, c.before, c.after)
  ) then
    raise exception using errcode = 'BP001', message = 'conflict';
  end if;
  perform programme.import_events(in_import_id, true);
end
$$;
comment on function programme.import_apply_events(bigint) is 'Keep the good rows of an import of shutoffs or fast trips.';
grant execute on function programme.import_apply_events(bigint) to bptm_import;
