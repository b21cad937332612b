-- Evaluate applications, one or a million, each by the ruleset that was in force on the day it was
-- made: one row for each rule. An application without a ruleset has no rows.
create or replace function programme.eligibility(in_application_ids bigint[])
returns table (application_id bigint, ruleset_id bigint, "position" smallint, code text, result text,
               evidence jsonb, sentence text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select f.application_id, f.ruleset_id, r.n::smallint, r.rule ->> 'code', v.result, v.evidence, v.sentence
  from programme.application_fact(in_application_ids) f
  join programme.ruleset rs on rs.ruleset_id = f.ruleset_id
  cross join lateral jsonb_array_elements(rs.rules) with ordinality r(rule, n)
  cross join lateral programme.rule_result(r.rule, f.facts) v
$$;
comment on function programme.eligibility(bigint[]) is
  'What each rule in force says of each application, with evidence and a sentence.';
grant execute on function programme.eligibility(bigint[]) to bptm_http;
