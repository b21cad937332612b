-- The rules of a ruleset with their parameters as columns, in order. Inlined.
create or replace function programme.rule_term(in_ruleset_id bigint, in_rules jsonb)
returns setof programme.rule_term
language sql immutable parallel safe
as $$
  select in_ruleset_id, r.n::smallint, r.rule ->> 'code', coalesce(r.rule ->> 'kind', ''),
         case when r.rule ? 'allowed'
              then array(select a.a from jsonb_array_elements_text(r.rule -> 'allowed') a(a)) end,
         coalesce((r.rule ->> 'min')::integer, 0), (r.rule ->> 'max')::integer,
         r.rule @> '{"active": true}', r.rule @> '{"residential": true}', r.rule ->> 'basis',
         coalesce((select bit_or(t.flag) from programme.rule_test(in_rules) t where t.position = r.n), 0)
  from jsonb_array_elements(in_rules) with ordinality r(rule, n)
$$;
comment on function programme.rule_term(bigint, jsonb) is
  'The rules of a ruleset with their parameters as columns, in order.';
grant execute on function programme.rule_term(bigint, jsonb) to bptm_http, bptm_import;
