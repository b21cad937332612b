-- The ids that would be active if the named versions ({"hftd": "7"}) took the place of the active ones.
-- Error: fields-invalid, with which is not there.
create or replace function programme.preview_versions(in_kind text, in_named jsonb)
returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  l_ids bigint[];
  l_unknown text;
begin
  with version as (
    select l.zone_layer_id as id, l.code, l.version, l.active from programme.zone_layer l where in_kind = 'zone_layer'
    union all
    select l.circuit_list_id, l.designation, l.version, l.active from programme.circuit_list l where in_kind = 'circuit_list'
  ), named as (
    select n.code, n.number, v.id
    from jsonb_each_text(coalesce(in_named, '{}')) n(code, number)
    left join version v on v.code = n.code and v.version::text = n.number
  )
  select array(select n.id from named n where n.id is not null
               union all
               select v.id from version v where v.active and v.code not in (select n.code from named n)
               order by 1),
         (select string_agg(format('%s %s', n.code, n.number), ', ') from named n where n.id is null)
  into l_ids, l_unknown;
  if l_unknown is not null then
    raise exception using errcode = 'BP001', message = 'fields-invalid', detail = l_unknown;
  end if;
  return l_ids;
end
$$;
comment on function programme.preview_versions(text, jsonb) is
  'The ids that would be active if the named versions took the place of the active ones.';
grant execute on function programme.preview_versions(text, jsonb) to bptm_http;
