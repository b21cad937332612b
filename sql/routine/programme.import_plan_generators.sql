-- Keep how the list of an import differs from the active one (as programme
-- .generator_list_difference_document says it): models that are new, changed, or gone, these with
-- numbers after the last row.
create or replace function programme.import_plan_generators(in_import_id bigint, in_difference jsonb)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  with given as (
    select r.row_no, r.cells, i.places, lower(btrim(r.cells[i.places[1]])) as make, lower(btrim(r.cells[i.places[2]])) as model
    from programme.import i join person.import_row r using (import_id)
    where i.import_id = in_import_id
      and not exists (select from person.import_error e where e.import_id = r.import_id and e.row_no = r.row_no)
  ), told as (
    select c.make, c.model, jsonb_object_agg(c.field, b.v) as before, jsonb_object_agg(c.field, a.v) as after
    from jsonb_to_recordset(in_difference -> 'changed') c(make text, model text, field text, before jsonb, after jsonb)
    cross join lateral (
      select case jsonb_typeof(c.before)
        when 'array' then (select to_jsonb(string_agg(e.v, ';')) from jsonb_array_elements_text(c.before) e(v))
        when 'object' then to_jsonb(c.before::text) else c.before end) b(v)
    cross join lateral (
      select case jsonb_typeof(c.after)
        when 'array' then (select to_jsonb(string_agg(e.v, ';')) from jsonb_array_elements_text(c.after) e(v))
        when 'object' then to_jsonb(c.after::text) else c.after end) a(v)
    group by c.make, c.model
  ), change as (
    select g.row_no, 'create' as action, n.make, n.model, null::jsonb as before, (
             select jsonb_object_agg(f.name, btrim(g.cells[g.places[f.place]]))
             from programme.import_field f
             where f.kind = 'generators' and btrim(g.cells[g.places[f.place]]) <> '') as after
    from jsonb_to_recordset(in_difference -> 'added') n(make text, model text)
    join given g on g.make = lower(n.make) and g.model = lower(n.model)
    union all
    select g.row_no, 'update', t.make, t.model, t.before, t.after
    from told t join given g on g.make = lower(t.make) and g.model = lower(t.model)
    union all
    select (select max(r.row_no) from person.import_row r where r.import_id = in_import_id) + row_number() over (order by o.make, o.model)::integer, 'remove',
           o.make, o.model, jsonb_build_object('make', o.make, 'model', o.model), '{"make": null, "model": null}'
    from jsonb_to_recordset(in_difference -> 'removed') o(make text, model text)
  )
  insert into person.import_change (import_id, row_no, action, object_key, before, after)
  select in_import_id, c.row_no, c.action, c.make || ' ' || c.model, c.before, c.after
  from change c;
end;
comment on function programme.import_plan_generators(bigint, jsonb) is 'Keep how the list of an import differs from the active one.';
grant execute on function programme.import_plan_generators(bigint, jsonb) to bptm_import;
