-- Decide one application and keep the decision: rules, evidence, and the inputs and versions that
-- gave it. The hash is over the inputs as jsonb prints them (keys sorted, one form for each value)
-- and the versions, so the same inputs give the same hash. By the outcome (programme.outcome) the
-- application moves there (programme.application_move). Errors:
-- not-found; state-refused, with the reason as its detail, when the application cannot move there or
-- no ruleset was in force on its day.
drop function if exists programme.decide(bigint);
create or replace function programme.decide(in_application_id bigint, in_actor access.actor default null)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan   -- planning takes longer than deciding
as $$
declare
  l_judged record;
  l_layers bigint[] := array(select l.zone_layer_id from programme.zone_layer l where l.active order by l.code);
  l_lists bigint[] := array(select l.circuit_list_id from programme.circuit_list l where l.active order by l.designation);
  l_generators bigint := (select l.generator_list_id from programme.generator_list l where l.active);
  l_refusal text;
  l_inputs jsonb;
  l_facts jsonb;
  l_outcome text;
  l_decision_id bigint;
begin
  perform from programme.application a where a.application_id = in_application_id for update;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  select j.ruleset_id, j.codes, programme.fact_json(j.fact) || j.said as facts into l_judged
  from programme.judged(false, array[in_application_id], null,
    array[row(1, null, l_layers, l_lists, l_generators)::programme.side], current_date) j;
  if not found then
    raise exception using errcode = 'BP001', message = 'state-refused',
      detail = 'No ruleset of the programme was in force on the day of the application.';
  end if;

  l_outcome := programme.outcome(l_judged.codes);
  l_inputs := programme.judged_common(l_judged.ruleset_id, l_layers, l_lists);
  l_facts := l_inputs -> 'facts' || l_judged.facts;
  l_inputs := jsonb_set(l_inputs, '{facts}', l_facts);
  insert into programme.decision (application_id, ruleset_id, zone_layer_ids, circuit_list_ids, generator_list_id,
                                  outcome, codes, is_near_boundary, inputs, inputs_hash)
  values (in_application_id, l_judged.ruleset_id, l_layers, l_lists, l_generators, l_outcome, l_judged.codes,
          ' ' || array_to_string(l_judged.codes, ' ') like '% near/%', l_inputs,
          sha256(convert_to(l_inputs::text, 'UTF8')))
  returning decision.decision_id into l_decision_id;
  insert into programme.decision_rule (decision_id, position, code, result, evidence, sentence)
  select l_decision_id, r.n, r.rule ->> 'code', substring(l_judged.codes[r.n] from 'pass|fail|unknown|not_applicable'),
         t.evidence, t.sentence
  from programme.ruleset rs
  cross join lateral jsonb_array_elements(rs.rules) with ordinality r(rule, n)
  cross join lateral programme.rule_told(r.rule, l_facts, l_judged.codes[r.n]) t
  where rs.ruleset_id = l_judged.ruleset_id;

  select m.sentence into l_refusal
  from programme.application_move(in_application_id, 'decide_' || l_outcome, 'DECISION', null, in_actor) m
  where m.refused_by is not null
  limit 1;
  if found then
    raise exception using errcode = 'BP001', message = 'state-refused', detail = l_refusal;
  end if;
  return l_decision_id;
end
$$;
comment on function programme.decide(bigint, access.actor) is
  'Decide one application, keep decision, inputs and versions, set its state; gives the decision_id.';
grant execute on function programme.decide(bigint, access.actor) to bptm_http;
