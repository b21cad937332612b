-- Decide one application and keep the decision: rules, evidence, and the inputs and versions that
-- gave it. The hash is over the inputs as jsonb prints them (keys sorted, one form for each value)
-- and the versions, so the same inputs give the same hash. Any fail: ineligible; else any unknown:
-- in_review; else eligible; the application moves there (programme.application_move). Errors:
-- not-found; state-refused, with the reason as its detail, when the application cannot move there or
-- no ruleset was in force on its day.
drop function if exists programme.decide(bigint);
create or replace function programme.decide(in_application_id bigint, in_actor access.actor default null)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_fact record;
  l_refusal text;
  l_inputs jsonb;
  l_outcome text;
  l_decision_id bigint;
begin
  perform from programme.application a where a.application_id = in_application_id for update;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  select f.ruleset_id, f.generator_list_id, f.facts into l_fact
  from programme.application_fact(array[in_application_id]) f;
  if l_fact.ruleset_id is null then
    raise exception using errcode = 'BP001', message = 'state-refused',
      detail = 'No ruleset of the programme was in force on the day of the application.';
  end if;

  select jsonb_build_object('programme', p.code, 'ruleset', rs.version, 'facts', l_fact.facts)
    into l_inputs
  from programme.ruleset rs join programme.programme p using (programme_id)
  where rs.ruleset_id = l_fact.ruleset_id;

  with judged as materialized (
    select r.n::smallint as n, r.rule ->> 'code' as code, v.result, v.evidence, v.sentence
    from programme.ruleset rs
    cross join lateral jsonb_array_elements(rs.rules) with ordinality r(rule, n)
    cross join lateral programme.rule_result(r.rule, l_fact.facts) v
    where rs.ruleset_id = l_fact.ruleset_id
  ), decided as (
    insert into programme.decision (application_id, ruleset_id, zone_layer_ids, generator_list_id,
                                    outcome, inputs, inputs_hash)
    select in_application_id, l_fact.ruleset_id,
           array(select l.zone_layer_id from programme.zone_layer l where l.active order by l.code),
           l_fact.generator_list_id,
           case when bool_or(j.result = 'fail') then 'ineligible'
                when bool_and(j.result in ('pass', 'not_applicable')) then 'eligible'
                else 'in_review' end,
           l_inputs, sha256(convert_to(l_inputs::text, 'UTF8'))
    from judged j
    returning decision.decision_id, decision.outcome
  ), kept as (
    insert into programme.decision_rule (decision_id, position, code, result, evidence, sentence)
    select d.decision_id, j.n, j.code, j.result, j.evidence, j.sentence
    from decided d cross join judged j
  )
  select d.decision_id, d.outcome into l_decision_id, l_outcome from decided d;

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
