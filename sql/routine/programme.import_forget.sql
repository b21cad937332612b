-- Imports that nobody goes on with are cancelled, and what was staged is deleted, after some days;
-- at most in_most imports at a time. Gives how many.
create or replace function programme.import_forget(in_days integer, in_most integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_ids bigint[];
begin
  l_ids := array(
    select i.import_id from programme.import i
    where i.changed_at < now() - make_interval(days => in_days)
      and i.state in ('created', 'uploading', 'checked', 'committed', 'failed', 'cancelled')
      and (i.state in ('created', 'uploading', 'checked') or exists (select from person.import_row r where r.import_id = i.import_id)
           or exists (select from programme.import_file f where f.import_id = i.import_id))
    order by i.import_id limit in_most for update skip locked);
  update programme.import i set state = 'cancelled', note = 'nobody went on with it'
  where i.import_id = any (l_ids) and i.state in ('created', 'uploading', 'checked');
  delete from programme.import_file f where f.import_id = any (l_ids);
  delete from person.import_row r where r.import_id = any (l_ids);
  delete from person.import_error e where e.import_id = any (l_ids);
  delete from person.import_change c where c.import_id = any (l_ids);
  return cardinality(l_ids);
end
$$;
comment on function programme.import_forget(integer, integer) is 'Cancel imports left alone and delete old staged rows.';
grant execute on function programme.import_forget(integer, integer) to bptm_import;
