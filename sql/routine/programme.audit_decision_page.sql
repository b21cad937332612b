-- Recompute the decisions after one and through another from what they keep, and give each difference:
-- of a rule, or of the decision as a whole (rule null). Decisions from before codes were kept are
-- compared by hash, outcome and versions only.
create or replace function programme.audit_decision_page(in_after bigint, in_through bigint)
returns table (decision_id bigint, rule text, item text, stored text, recomputed text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with page as materialized (
    select d.*, d.inputs -> 'facts' as facts, r.rules,
           programme.judged_common(d.ruleset_id, d.zone_layer_ids, d.circuit_list_ids) as common
    from programme.decision d join programme.ruleset r using (ruleset_id)
    where d.decision_id > in_after and d.decision_id <= in_through
  ), term as materialized (
    select t.ruleset_id, t.position, t.code, t as t
    from (select distinct p.ruleset_id, p.rules from page p) r
    cross join lateral programme.rule_term(r.ruleset_id, r.rules) t
  ), again as materialized (
    select p.decision_id,
           array(select coalesce((select (o.o ->> 'result') || '/override' from jsonb_array_elements(p.facts -> 'overrides') o(o)
                                  where o.o ->> 'code' = t.code), programme.rule_code(t.t, f.f))
                 from term t where t.ruleset_id = p.ruleset_id order by t.position) as codes
    from page p cross join lateral (select programme.fact_of(p.rules, p.facts) as f offset 0) f
    where p.codes is not null
  ), told as materialized (
    select p.decision_id, r.n::smallint as position, r.rule ->> 'code' as code, a.codes[r.n] as reason,
           substring(a.codes[r.n] from 'pass|fail|unknown|not_applicable') as result, t.evidence, t.sentence
    from page p join again a using (decision_id)
    cross join lateral jsonb_array_elements(p.rules) with ordinality r(rule, n)
    left join lateral programme.rule_told(r.rule, p.facts, a.codes[r.n]) t on true
  ), kept as (
    select k.* from programme.decision_rule k join again a using (decision_id)
  ), found as (
    select p.decision_id, 0 as position, null::text as rule, v.item, v.stored, v.recomputed
    from page p left join again a using (decision_id)
    left join programme.generator_list g on g.generator_list_id = p.generator_list_id
    cross join lateral (values
      ('hash', encode(p.inputs_hash, 'hex'), encode(sha256(convert_to(p.inputs::text, 'UTF8')), 'hex')),
      ('programme', p.inputs ->> 'programme', p.common ->> 'programme'),
      ('ruleset', p.inputs ->> 'ruleset', p.common ->> 'ruleset'),
      ('layers', p.facts ->> 'layers', p.common #>> '{facts,layers}'),
      ('circuit lists', p.facts ->> 'circuit_lists', case when p.codes is not null then p.common #>> '{facts,circuit_lists}' end),
      ('reach', p.facts ->> 'reach', case when p.codes is not null then p.common #>> '{facts,reach}' end),
      ('generator list', p.facts ->> 'generator_list', g.version::text),
      ('rules', (select count(*)::text from programme.decision_rule k where k.decision_id = p.decision_id),
        jsonb_array_length(p.rules)::text),
      ('outcome', p.outcome, case when p.codes is null then p.outcome else programme.outcome(a.codes) end),
      ('near a boundary', p.is_near_boundary::text,
        case when p.codes is null then p.is_near_boundary else ' ' || array_to_string(a.codes, ' ') like '% near/%' end::text)
    ) v(item, stored, recomputed)
    union all
    select p.decision_id, 0, null, f.item, f.stored::text, f.recomputed::text
    from page p join again a using (decision_id)
    cross join lateral programme.audit_facts(p.facts, p.zone_layer_ids, p.circuit_list_ids, (p.facts ->> 'applied_on')::date) f
    union all
    select decision_id, position, coalesce(t.code, k.code), v.item, v.stored, v.recomputed
    from told t full join kept k using (decision_id, position)
    left join page p using (decision_id)
    cross join lateral (values
      ('code', k.code, t.code), ('reason', p.codes[position], t.reason), ('result', k.result, t.result),
      ('evidence', k.evidence::text, t.evidence::text), ('sentence', k.sentence, t.sentence)
    ) v(item, stored, recomputed)
  )
  select f.decision_id, f.rule, f.item, left(coalesce(f.stored, '(none)'), 200), left(coalesce(f.recomputed, '(none)'), 200)
  from found f
  where f.stored is distinct from f.recomputed
  order by f.decision_id, f.position, f.item
$$;
comment on function programme.audit_decision_page(bigint, bigint) is
  'Recompute the decisions after one and through another from what they keep, and give each difference.';
