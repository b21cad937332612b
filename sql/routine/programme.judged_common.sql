-- What all decisions by one ruleset on the same layers and lists have in common, as part of their inputs.
-- In PL/pgSQL, which keeps the plan from one decision to the next.
create or replace function programme.judged_common(in_ruleset_id bigint, in_zone_layer_ids bigint[],
  in_circuit_list_ids bigint[])
returns jsonb
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_build_object('programme', p.code, 'ruleset', r.version, 'facts', jsonb_build_object(
             'layers', coalesce((select jsonb_object_agg(l.code, l.version)
               from programme.zone_layer l where l.zone_layer_id = any (in_zone_layer_ids)), '{}'),
             'reach', coalesce((select jsonb_object_agg(l.code, l.reach_m)
               from programme.zone_layer l where l.zone_layer_id = any (in_zone_layer_ids)), '{}'),
             'circuit_lists', coalesce((select jsonb_object_agg(l.designation, l.version)
               from programme.circuit_list l where l.circuit_list_id = any (in_circuit_list_ids)), '{}')))
    from programme.ruleset r join programme.programme p using (programme_id)
    where r.ruleset_id = in_ruleset_id);
end
$$;
comment on function programme.judged_common(bigint, bigint[], bigint[]) is
  'What all decisions by one ruleset on the same layers and lists have in common.';
grant execute on function programme.judged_common(bigint, bigint[], bigint[]) to bptm_http;
