-- Read the staged rows of an import of shutoffs or fast trips (outage.take_utility_events leaves its temporary
-- tables event_told and event_error), and with in_keep keep those without errors; gives how many were kept.
create or replace function programme.import_events(in_import_id bigint, in_keep boolean)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  drop table if exists pg_temp.event_row;
  create temporary table event_row on commit drop as
  select r.row_no as line, coalesce(r.cells[i.places[1]], '') as utility, coalesce(r.cells[i.places[2]], '') as event,
         coalesce(r.cells[i.places[3]], '') as circuit, coalesce(r.cells[i.places[4]], '') as out_date,
         coalesce(r.cells[i.places[5]], '') as out_time, coalesce(r.cells[i.places[6]], '') as restored_date,
         coalesce(r.cells[i.places[7]], '') as restored_time, coalesce(r.cells[i.places[8]], '') as duration,
         coalesce(r.cells[i.places[9]], '') as customers, coalesce(r.cells[i.places[10]], '') as residential,
         coalesce(r.cells[i.places[11]], '') as commercial, coalesce(r.cells[i.places[12]], '') as medical,
         coalesce(r.cells[i.places[13]], '') as other, coalesce(r.cells[i.places[14]], '') as tiers,
         coalesce(r.cells[i.places[15]], '') as cause, coalesce(r.cells[i.places[16]], '') as place
  from programme.import i join person.import_row r using (import_id)
  where i.import_id = in_import_id and cardinality(r.cells) = cardinality(i.header);
  return (select t.kept from programme.import i
          cross join lateral outage.take_utility_events(i.kind, i.time_zone, false, in_keep) t
          where i.import_id = in_import_id);
end
$$;
comment on function programme.import_events(bigint, boolean) is
  'Read the staged rows of an import of shutoffs or fast trips; gives how many were kept.';
grant execute on function programme.import_events(bigint, boolean) to bptm_import;
