-- The area rule: one of several tests must hold, each {"layer", "tiers"?} (the premise is in a zone
-- of the active version of that layer) or {"designation"} (its circuit is on that list, on the day
-- of the application). A test whose layer or circuit is missing is unknown.
create or replace function programme.area_result(in_rule jsonb, in_facts jsonb)
returns table (result text, evidence jsonb, sentence text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with test as (
    select t.ordinality as n, t.test,
           coalesce(t.test ->> 'layer'
                      || coalesce(' tier ' || replace(btrim(t.test ->> 'tiers', '[]'), ', ', ' or '), ''),
                    'a circuit with ' || (t.test ->> 'designation')) as label,
           case when t.test ? 'layer'
                then case when not in_facts -> 'layers' ? (t.test ->> 'layer')
                          then 'there is no active layer ' || (t.test ->> 'layer') end
                when in_facts ->> 'circuit' is null then 'its circuit is not known' end as lacking
    from jsonb_array_elements(in_rule -> 'any') with ordinality t(test, ordinality)
  ), found as (
    select test.n, z.zone as fact,
           format('in %s%s (%s)', z.zone ->> 'layer', ' tier ' || (z.zone ->> 'tier'), z.zone ->> 'zone')
             as said
    from test
    cross join lateral jsonb_array_elements(in_facts -> 'zones') z(zone)
    where z.zone -> 'layer' = test.test -> 'layer'
      and (not test.test ? 'tiers' or test.test -> 'tiers' @> (z.zone -> 'tier'))
    union all
    select test.n, d.fact || jsonb_build_object('circuit', in_facts -> 'circuit'),
           format('on circuit %s, %s since %s', in_facts ->> 'circuit', d.fact ->> 'designation',
                  d.fact ->> 'since')
    from test
    cross join lateral jsonb_array_elements(in_facts -> 'designations') d(fact)
    where d.fact -> 'designation' = test.test -> 'designation'
  ), outcome as (
    select case when exists (select from found) then 'pass'
                when exists (select from test where lacking is not null) then 'unknown'
                else 'fail' end as result
  )
  select o.result,
         jsonb_build_object(
           'matched', coalesce((select jsonb_agg(f.fact order by f.n, f.said) from found f), '[]'),
           'layers', in_facts -> 'layers', 'circuit', in_facts -> 'circuit',
           'circuit_since', in_facts -> 'circuit_since'),
         case o.result
           when 'pass' then 'The premise is '
             || (select string_agg(f.said, ', and ' order by f.n, f.said) from found f) || '.'
           when 'fail' then 'The premise is in none of these areas: '
             || (select string_agg(t.label, '; ' order by t.n) from test t) || '.'
           else 'Whether the premise is in the area is not known: '
             || (select string_agg(distinct t.lacking, '; ') from test t) || '.' end
  from outcome o
$$;
comment on function programme.area_result(jsonb, jsonb) is
  'Result of an area rule for the facts of one application.';
grant execute on function programme.area_result(jsonb, jsonb) to bptm_http;
