-- How the rows that programme.import_events has read differ from what is stored.
create or replace function programme.import_differ_events(in_import_id bigint)
returns table (row_no integer, action text, object_key text, target_id bigint, before jsonb, after jsonb)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with told as (
    select t.line, concat_ws(' ', t.utility, t.event_name, t.circuit_text, access.rfc3339(t.out_at), nullif(t.part, 1)) as key,
           v.utility_event_id, case when v.utility_event_id is not null then jsonb_build_object(
             'circuit_text', v.circuit_text, 'circuit_id', v.circuit_id, 'restored_at', access.rfc3339(v.restored_at),
             'customers', v.customers, 'residential', v.residential, 'commercial', v.commercial,
             'medical_baseline', v.medical_baseline, 'other', v.other, 'tiers', array_to_string(v.tiers, ';'), 'cause', v.cause, 'place', v.place,
             'doubts', array_to_string(v.doubts, ';')) end as old,
           jsonb_build_object(
             'circuit_text', t.circuit_text, 'circuit_id', t.circuit_id, 'restored_at', access.rfc3339(t.back_at),
             'customers', t.customer_count, 'residential', outage.read_count(t.residential),
             'commercial', outage.read_count(t.commercial), 'medical_baseline', outage.read_count(t.medical),
             'other', outage.read_count(t.other), 'tiers', coalesce(array_to_string(t.tiers, ';'), ''), 'cause', btrim(t.cause),
             'place', btrim(t.place), 'doubts', array_to_string(t.doubts, ';')) as new
    from event_told t
    join programme.import i on i.import_id = in_import_id
    left join outage.utility_event v
      on (v.kind, v.utility, v.event, v.circuit_key, v.out_at, v.part) = (i.kind, t.utility, t.event_name, t.circuit_key, t.out_at, t.part)
  )
  select t.line, case when t.old is null then 'create' else 'update' end, t.key, t.utility_event_id,
         case when t.old is not null then d.before end, d.after
  from told t
  cross join lateral (
    select jsonb_object_agg(k.key, t.old -> k.key) as before, jsonb_object_agg(k.key, k.value) as after
    from jsonb_each(t.new) k
    where case when t.old is null then k.value not in ('null', '""') else k.value <> t.old -> k.key end) d
  where d.after is not null;
end
$$;
comment on function programme.import_differ_events(bigint) is
  'How the rows that programme.import_events has read differ from what is stored.';
grant execute on function programme.import_differ_events(bigint) to bptm_import;
