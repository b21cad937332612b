-- What a decision is made of stands in the plan of the statement that asks, or is in PL/pgSQL: planned once
-- in a session, not at each call, which took longer than deciding.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(5);

-- our own functions in SQL that a plan calls for their rows or for a value
create function pg_temp.called(in_sql text) returns text language plpgsql as $$
declare
  l_line text;
  l_all text := '';
begin
  for l_line in execute 'explain (verbose, costs off) ' || in_sql loop
    l_all := l_all || l_line || E'\n';
  end loop;
  return (select string_agg(distinct m[1], ' ' order by m[1]) from regexp_matches(l_all, 'programme\.([a-z_]+)\(', 'g') m
          join pg_proc p on p.proname = m[1] join pg_language l on l.oid = p.prolang and l.lanname = 'sql');
end $$;

select is(pg_temp.called($$select programme.fact_json(j.fact), j.codes
  from programme.judged(false, array[1::bigint], null, array[row(1, null, '{1,2}', '{1}', 1)::programme.side], current_date) j$$), null, 'one application judged');
select is(pg_temp.called($$select j.codes
  from programme.judged(true, null, 1, array[row(1, 1, '{1,2}', '{1}', 1), row(2, 1, '{1,3}', '{1}', 1)]::programme.side[], current_date) j$$), null, 'every premise judged');
select is(pg_temp.called($$select t.* from programme.decision d join programme.ruleset s using (ruleset_id)
  cross join lateral jsonb_array_elements(s.rules) with ordinality r(rule, n)
  cross join lateral programme.rule_told(r.rule, d.inputs -> 'facts', d.codes[r.n]) t$$), null, 'a decision told');
select is(pg_temp.called('select t.* from programme.application_action(1, ''DECISION'') t'), null, 'the actions of an application');
select is(pg_temp.called($$select j.* from programme.generator_model m cross join lateral programme.generator_judge(m, '{}') j$$),
  null, 'a list of generators judged');
select * from finish();
rollback;
