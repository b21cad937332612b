-- Check an import of shutoffs or fast trips: its errors by row and column, and its difference.
create or replace function programme.import_check_events(in_import_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into person.import_error (import_id, row_no, n, hint)
  select r.import_id, r.row_no, 0,
         format('has %s cells, the header %s; look for a separator or a quote that is missing or too many',
           cardinality(r.cells), cardinality(i.header))
  from programme.import i join person.import_row r using (import_id)
  where i.import_id = in_import_id and cardinality(r.cells) <> cardinality(i.header);

  perform programme.import_events(in_import_id, false);
  insert into person.import_error (import_id, row_no, n, column_name, field, value, hint)
  select in_import_id, e.line, f.place, i.header[i.places[f.place]], f.name,
         regexp_replace(left(e.value, 80), '[[:cntrl:]]', ' ', 'g'), e.reason
  from event_error e
  join programme.import i on i.import_id = in_import_id
  join programme.import_field f on f.kind = i.kind
    and f.name = case e.field when 'out' then 'out_date' when 'restored' then 'restored_date' else e.field end
  on conflict do nothing;
  insert into person.import_change (import_id, row_no, action, object_key, target_id, before, after)
  select in_import_id, d.row_no, d.action, d.object_key, d.target_id, d.before, d.after
  from programme.import_differ_events(in_import_id) d;
end
$$;
comment on function programme.import_check_events(bigint) is 'Check an import of shutoffs or fast trips.';
grant execute on function programme.import_check_events(bigint) to bptm_import;
