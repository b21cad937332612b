-- The area tests of rulesets, numbered by bits: {"layer", "tiers"?} a zone of that layer,
-- {"designation"} a circuit on that list, {"outages": {"n", "since", "causes"?}} a circuit with n or
-- more outages since a day. Inlined.
create or replace function programme.rule_test(in_rules jsonb)
returns table ("position" smallint, flag bigint, layer text, tiers integer[], designation text,
               outages integer, since date, causes text[], label text)
language sql immutable parallel safe
as $$
  select r.n::smallint,
         1::bigint << (row_number() over (order by r.n, t.n))::integer - 1,
         t.test ->> 'layer',
         case when t.test ? 'tiers'
              then array(select e.tier::integer from jsonb_array_elements_text(t.test -> 'tiers') e(tier)) end,
         t.test ->> 'designation',
         (t.test #>> '{outages,n}')::integer,
         (t.test #>> '{outages,since}')::date,
         case when t.test -> 'outages' ? 'causes'
              then array(select c.cause from jsonb_array_elements_text(t.test #> '{outages,causes}') c(cause)) end,
         case when t.test ? 'layer'
                then (t.test ->> 'layer')
                       || coalesce(' tier ' || replace(btrim(t.test ->> 'tiers', '[]'), ', ', ' or '), '')
              when t.test ? 'designation' then 'a circuit with ' || (t.test ->> 'designation')
              else format('a circuit with %s or more%s outages since %s', t.test #>> '{outages,n}',
                coalesce(' ' || replace(translate(t.test #>> '{outages,causes}', '[]"', ''), ', ', ' or '), ''),
                t.test #>> '{outages,since}') end
  from jsonb_array_elements(in_rules) with ordinality r(rule, n)
  cross join lateral jsonb_array_elements(r.rule -> 'any') with ordinality t(test, n)
  where r.rule ->> 'kind' = 'area'
$$;
comment on function programme.rule_test(jsonb) is 'The area tests of a ruleset, numbered by bits.';
grant execute on function programme.rule_test(jsonb) to bptm_http, bptm_import;
