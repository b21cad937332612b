-- Recompute the decisions of a screening for the premises after one and through another, as
-- programme.audit_decision_page does.
create or replace function programme.audit_screening_page(in_screening_id bigint, in_after bigint, in_through bigint)
returns table (premise_id bigint, rule text, item text, stored text, recomputed text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with run as materialized (
    select s.*, r.rules, convert_to(s.common::text, 'UTF8') as bytes
    from programme.screening s join programme.ruleset r using (ruleset_id)
    where s.screening_id = in_screening_id
  ), term as materialized (
    select t as t, t.position, t.code from run r cross join lateral programme.rule_term(r.ruleset_id, r.rules) t
  ), page as materialized (
    select d.*, programme.outcome(again.codes) as outcome_again, again.codes as codes_again,
           (r.common -> 'facts') || programme.fact_json(d.fact) as facts
    from run r join programme.screening_decision d using (screening_id)
    cross join lateral (select array(
      select coalesce((select (o.o ->> 'result') || '/override' from jsonb_array_elements(d.overrides) o(o)
                       where o.o ->> 'code' = t.code), programme.rule_code(t.t, d.fact))
      from term t order by t.position)) again(codes)
    where d.premise_id > in_after and d.premise_id <= in_through
  ), found as (
    select p.premise_id, 0 as position, null::text as rule, v.item, v.stored, v.recomputed
    from page p cross join run r
    cross join lateral (select programme.fact_of(r.rules, p.facts) as f offset 0) f
    cross join lateral (values
      ('hash', encode(p.inputs_hash, 'hex'), encode(sha256(r.bytes || record_send(p.fact)
        || coalesce(convert_to(p.overrides::text, 'UTF8'), '')), 'hex')),
      ('outcome', p.outcome, p.outcome_again),
      ('areas', concat_ws(' ', (p.fact).area_hit, (p.fact).area_near, (p.fact).area_known),
        concat_ws(' ', (f.f).area_hit, (f.f).area_near, (f.f).area_known))
    ) v(item, stored, recomputed)
    union all
    select p.premise_id, 0, null, f.item, f.stored::text, f.recomputed::text
    from page p cross join run r
    cross join lateral programme.audit_facts(p.facts, r.zone_layer_ids, r.circuit_list_ids, r.decided_on) f
    union all
    select p.premise_id, t.position, t.code, 'reason', p.codes[t.position], p.codes_again[t.position]
    from page p cross join term t
    where p.codes is distinct from p.codes_again
  )
  select f.premise_id, f.rule, f.item, left(coalesce(f.stored, '(none)'), 200), left(coalesce(f.recomputed, '(none)'), 200)
  from found f
  where f.stored is distinct from f.recomputed
  order by f.premise_id, f.position, f.item
$$;
comment on function programme.audit_screening_page(bigint, bigint, bigint) is
  'Recompute decisions of a screening from what they keep, and give each difference.';
