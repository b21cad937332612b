-- What one rule says of kept facts: programme.rule_code with its evidence and sentence. Recomputes a
-- stored decision, and tries a rule on made-up facts.
create or replace function programme.rule_result(in_rule jsonb, in_facts jsonb)
returns table (result text, evidence jsonb, sentence text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select substring(c.code from 'pass|fail|unknown|not_applicable'), t.evidence, t.sentence
  from programme.rule_term(null, jsonb_build_array(in_rule)) r
  cross join lateral programme.rule_code(r, programme.fact_of(jsonb_build_array(in_rule), in_facts)) c(code)
  cross join lateral programme.rule_told(in_rule, in_facts, c.code) t
$$;
comment on function programme.rule_result(jsonb, jsonb) is 'What one rule says of kept facts.';
grant execute on function programme.rule_result(jsonb, jsonb) to bptm_http;
