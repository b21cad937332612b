-- The facts that were kept with a decision, as the rules look at them. `in_rules` numbers the area tests.
create or replace function programme.fact_of(in_rules jsonb, in_facts jsonb)
returns programme.fact
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select row(
    coalesce((in_facts ->> 'screening')::boolean, false), in_facts ->> 'account_kind',
    (in_facts ->> 'account_active')::boolean, (in_facts ->> 'account_at_premise')::boolean,
    (in_facts ->> 'medical_baseline')::boolean, (in_facts ->> 'medical_needs_not_compromised')::boolean,
    (in_facts ->> 'medical_needs_met_in_shutoff')::boolean, (in_facts ->> 'owner_or_permission')::boolean,
    (in_facts ->> 'access_agreed')::boolean, (in_facts ->> 'survey_agreed')::boolean,
    (in_facts ->> 'prior_rebate')::boolean, in_facts ->> 'meter_form', (in_facts ->> 'service_amps')::integer,
    in_facts ->> 'service_voltage', (in_facts ->> 'generator_listed')::boolean, in_facts ->> 'generator_verdict',
    coalesce(bit_or(t.flag) filter (where case
      when t.layer is not null then exists (
        select from jsonb_array_elements(in_facts -> 'zones') z(zone)
        where z.zone ->> 'layer' = t.layer
          and (t.tiers is null or (z.zone ->> 'tier')::integer = any (t.tiers)))
      when t.designation is not null then exists (
        select from jsonb_array_elements(in_facts -> 'designations') d(d)
        where d.d ->> 'designation' = t.designation)
      else exists (
        select from jsonb_array_elements(in_facts -> 'outages') o(o)
        where (o.o ->> 'since')::date = t.since and o.o -> 'causes' is not distinct from coalesce(to_jsonb(t.causes), 'null')
          and (o.o ->> 'count')::integer >= t.outages) end), 0),
    coalesce(bit_or(t.flag) filter (where exists (
      select from jsonb_array_elements(in_facts -> 'rims') r(r)
      where r.r ->> 'layer' = t.layer and (r.r ->> 'distance_m')::numeric <= (r.r ->> 'tolerance_m')::numeric)), 0),
    coalesce(bit_or(t.flag) filter (where case
      when t.layer is not null then in_facts -> 'layers' ? t.layer
      when in_facts ->> 'circuit' is null then false
      else t.designation is null or in_facts -> 'circuit_lists' ? t.designation end), 0),
    (in_facts ->> 'longitude')::float8, (in_facts ->> 'latitude')::float8, in_facts -> 'zones', in_facts -> 'rims',
    in_facts ->> 'circuit', (in_facts ->> 'circuit_since')::date, in_facts -> 'designations', in_facts -> 'outages'
  )::programme.fact
  from programme.rule_test(in_rules) t
$$;
comment on function programme.fact_of(jsonb, jsonb) is
  'The facts that were kept with a decision, as the rules look at them.';
grant execute on function programme.fact_of(jsonb, jsonb) to bptm_http;
