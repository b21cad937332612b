-- Keep a draft of a list of circuits: [{"circuit_id", "valid_from", "valid_to"?}]; gives its version.
-- Error: fields-invalid, with the first entry that is wrong.
create or replace function programme.circuit_list_draft(in_designation text, in_source text, in_entries jsonb)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_list programme.circuit_list;
  l_wrong text;
begin
  select format('entry %s: %s', e.n, w.wrong) into l_wrong
  from jsonb_array_elements(in_entries) with ordinality e(e, n)
  cross join lateral (select e.e ->> 'valid_from' as first, e.e ->> 'valid_to' as last) d
  cross join lateral (select case
    when not exists (select from programme.circuit c where c.circuit_id = e.e ->> 'circuit_id')
      then format('circuit %s is not known', e.e ->> 'circuit_id')
    when programme.import_date(d.first) is null then 'valid_from is not a day, YYYY-MM-DD'
    when d.last is not null and programme.import_date(d.last) is null then 'valid_to is not a day, YYYY-MM-DD'
    when d.last <= d.first then 'valid_to is not after valid_from' end) w(wrong)
  where w.wrong is not null
  order by e.n limit 1;
  if l_wrong is not null then
    raise exception using errcode = 'BP001', message = 'fields-invalid', detail = l_wrong;
  end if;
  perform pg_advisory_xact_lock(hashtext('programme.circuit_list'));
  insert into programme.circuit_list (designation, version, source, state)
  select in_designation, coalesce(max(l.version), 0) + 1, in_source, 'draft'
  from programme.circuit_list l where l.designation = in_designation
  returning * into l_list;
  insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
  select l_list.circuit_list_id, e.circuit_id, e.valid_from, e.valid_to
  from jsonb_to_recordset(in_entries) e(circuit_id text, valid_from date, valid_to date);
  return l_list.version;
end
$$;
comment on function programme.circuit_list_draft(text, text, jsonb) is 'Keep a draft of a list of circuits.';
grant execute on function programme.circuit_list_draft(text, text, jsonb) to bptm_http, bptm_import;
