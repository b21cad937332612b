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
  select format('entry %s: circuit %s is not known', e.n, e.e ->> 'circuit_id') into l_wrong
  from jsonb_array_elements(in_entries) with ordinality e(e, n)
  where not exists (select from programme.circuit c where c.circuit_id = e.e ->> 'circuit_id')
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
