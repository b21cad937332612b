-- Evidence and sentence of an area rule for kept facts and the code that was given. Inlined.
create or replace function programme.area_told(in_rule jsonb, in_facts jsonb, in_code text)
returns table (evidence jsonb, sentence text)
language sql immutable parallel safe
as $$
  with test as (
    select t.*,
           case when t.layer is not null and not in_facts -> 'layers' ? t.layer
                  then 'there is no active layer ' || t.layer
                when t.layer is not null then null
                when in_facts ->> 'circuit' is null then 'its circuit is not known'
                when t.designation is not null and not in_facts -> 'circuit_lists' ? t.designation
                  then 'there is no list of circuits with ' || t.designation end as lacking
    from programme.rule_test(jsonb_build_array(in_rule)) t
  ), found as (
    select t.flag as n, z.zone as fact,
           format('in %s%s (%s)', t.layer, ' tier ' || (z.zone ->> 'tier'), z.zone ->> 'zone') as said
    from test t cross join lateral jsonb_array_elements(in_facts -> 'zones') z(zone)
    where z.zone ->> 'layer' = t.layer and (t.tiers is null or (z.zone ->> 'tier')::integer = any (t.tiers))
    union all
    select t.flag, d.fact || jsonb_build_object('circuit', in_facts -> 'circuit'),
           format('on circuit %s, %s since %s', in_facts ->> 'circuit', t.designation, d.fact ->> 'since')
    from test t cross join lateral jsonb_array_elements(in_facts -> 'designations') d(fact)
    where d.fact ->> 'designation' = t.designation
    union all
    select t.flag, o.fact || jsonb_build_object('circuit', in_facts -> 'circuit', 'n', t.outages),
           format('on circuit %s, with %s%s outages since %s', in_facts ->> 'circuit', o.fact ->> 'count',
                  ' ' || array_to_string(t.causes, ' or '), t.since)
    from test t cross join lateral jsonb_array_elements(in_facts -> 'outages') o(fact)
    where (o.fact ->> 'since')::date = t.since and (o.fact ->> 'count')::integer >= t.outages
      and o.fact -> 'causes' is not distinct from coalesce(to_jsonb(t.causes), 'null')
  ), near as (
    select string_agg(format('%s m from a boundary of %s', r.r ->> 'distance_m', r.r ->> 'layer'), ' and '
                      order by r.r ->> 'layer') as said
    from jsonb_array_elements(in_facts -> 'rims') r(r)
    where (r.r ->> 'distance_m')::numeric <= (r.r ->> 'tolerance_m')::numeric
      and r.r ->> 'layer' in (select t.layer from test t)
  )
  select jsonb_build_object(
           'matched', coalesce((select jsonb_agg(f.fact order by f.n, f.said) from found f), '[]'),
           'layers', in_facts -> 'layers', 'circuit', in_facts -> 'circuit',
           'circuit_since', in_facts -> 'circuit_since', 'circuit_lists', in_facts -> 'circuit_lists',
           'outages', in_facts -> 'outages', 'boundaries', in_facts -> 'rims', 'looked_for_m', in_facts -> 'reach'),
         case substring(in_code from 'pass|fail|unknown')
           when 'pass' then 'The premise is '
             || (select string_agg(f.said, ', and ' order by f.n, f.said) from found f) || '.'
           when 'fail' then 'The premise is in none of these areas: '
             || (select string_agg(t.label, '; ' order by t.flag) from test t) || '.'
           else 'Whether the premise is in the area is not known: '
             || (select string_agg(distinct t.lacking, '; ') from test t) || '.' end
         || case when in_code like 'near/%'
                 then format(' It is %s, within the tolerance: to be reviewed.', (select n.said from near n))
                 else '' end
$$;
comment on function programme.area_told(jsonb, jsonb, text) is
  'Evidence and sentence of an area rule for kept facts and the code that was given.';
grant execute on function programme.area_told(jsonb, jsonb, text) to bptm_http, bptm_job;
