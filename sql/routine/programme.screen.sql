-- Screen every premise by a ruleset with the given layers and lists (null: the active ones), and keep
-- the decisions; gives the screening. The hash is over what its decisions have in common and the
-- facts of each in binary form, and what was decided by hand.
create or replace function programme.screen(in_ruleset_id bigint, in_zone_layer_ids bigint[] default null,
  in_circuit_list_ids bigint[] default null, in_generator_list_id bigint default null, in_on date default current_date)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set work_mem = '256MB'
set enable_nestloop = off      -- the sizes of what was just computed are not known to the planner
set enable_mergejoin = off
as $$
declare
  l_run programme.screening;
  l_common bytea;
  l_count bigint;
  l_programme_id bigint := (select r.programme_id from programme.ruleset r where r.ruleset_id = in_ruleset_id);
begin
  insert into programme.screening (ruleset_id, zone_layer_ids, circuit_list_ids, generator_list_id, decided_on)
  select in_ruleset_id,
         coalesce(in_zone_layer_ids, array(select l.zone_layer_id from programme.zone_layer l where l.active order by l.code)),
         coalesce(in_circuit_list_ids, array(select l.circuit_list_id from programme.circuit_list l where l.active order by l.designation)),
         coalesce(in_generator_list_id, (select l.generator_list_id from programme.generator_list l where l.active)),
         in_on
  returning * into l_run;
  l_run.common := programme.judged_common(in_ruleset_id, l_run.zone_layer_ids, l_run.circuit_list_ids);
  l_common := convert_to(l_run.common::text, 'UTF8');
  insert into programme.screening_decision (screening_id, premise_id, outcome, codes, fact, overrides, inputs_hash)
  select l_run.screening_id, j.premise_id, programme.outcome(j.codes), j.codes, j.fact, h.overrides,
         sha256(l_common || record_send(j.fact) || coalesce(convert_to(h.overrides::text, 'UTF8'), ''))
  from (
    select j.premise_id, j.codes, j.fact, j.said
    from programme.judged(true, null, l_programme_id, array[row(1, in_ruleset_id, l_run.zone_layer_ids,
      l_run.circuit_list_ids, l_run.generator_list_id)::programme.side], in_on) j
    offset 0   -- values, so that programme.outcome is inlined
  ) j
  cross join lateral (select nullif(j.said -> 'overrides', '[]') as overrides) h;
  get diagnostics l_count = row_count;
  update programme.screening s set premises = l_count, common = l_run.common where s.screening_id = l_run.screening_id;
  return l_run.screening_id;
end
$$;
comment on function programme.screen(bigint, bigint[], bigint[], bigint, date) is
  'Screen every premise by a ruleset and keep the decisions.';
