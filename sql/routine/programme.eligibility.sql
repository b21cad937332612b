-- What each rule in force says of applications, with evidence and a sentence; nothing is kept. An
-- application without a ruleset has no rows.
create or replace function programme.eligibility(in_application_ids bigint[])
returns table (application_id bigint, ruleset_id bigint, "position" smallint, code text, result text,
               evidence jsonb, sentence text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with basis as materialized (
    select array(select l.zone_layer_id from programme.zone_layer l where l.active) as layers,
           array(select l.circuit_list_id from programme.circuit_list l where l.active) as lists,
           (select l.generator_list_id from programme.generator_list l where l.active) as generators
  ), common as materialized (
    select r.ruleset_id, programme.judged_common(r.ruleset_id, b.layers, b.lists) -> 'facts' as facts
    from programme.ruleset r cross join basis b
  )
  select j.application_id, j.ruleset_id, r.n::smallint, r.rule ->> 'code',
         substring(j.codes[r.n] from 'pass|fail|unknown|not_applicable'), t.evidence, t.sentence
  from programme.judged(false, in_application_ids, null, null, (select b.layers from basis b),
    (select b.lists from basis b), (select b.generators from basis b), current_date) j
  join programme.ruleset rs on rs.ruleset_id = j.ruleset_id
  join common c on c.ruleset_id = j.ruleset_id
  cross join lateral jsonb_array_elements(rs.rules) with ordinality r(rule, n)
  cross join lateral programme.rule_told(r.rule, c.facts || programme.fact_json(j.fact) || j.said, j.codes[r.n]) t
$$;
comment on function programme.eligibility(bigint[]) is
  'What each rule in force says of applications, with evidence and a sentence.';
grant execute on function programme.eligibility(bigint[]) to bptm_http, bptm_job;
