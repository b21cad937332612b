-- The facts of a premise as they are kept with a decision: the names that programme.rule_told reads. Inlined.
create or replace function programme.fact_json(in_fact programme.fact)
returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object(
    'screening', in_fact.is_screening,
    'account_kind', in_fact.account_kind,
    'account_active', in_fact.account_active,
    'account_at_premise', in_fact.account_at_premise,
    'medical_baseline', in_fact.medical_baseline,
    'medical_needs_not_compromised', in_fact.medical_needs_not_compromised,
    'medical_needs_met_in_shutoff', in_fact.medical_needs_met_in_shutoff,
    'owner_or_permission', in_fact.owner_or_permission,
    'access_agreed', in_fact.access_agreed,
    'survey_agreed', in_fact.survey_agreed,
    'prior_rebate', in_fact.prior_rebate,
    'meter_form', in_fact.meter_form,
    'service_amps', in_fact.service_amps,
    'service_voltage', in_fact.service_voltage,
    'generator_listed', in_fact.generator_listed,
    'generator_verdict', in_fact.generator_verdict,
    'longitude', in_fact.longitude,
    'latitude', in_fact.latitude,
    'zones', coalesce(in_fact.zones, '[]'),
    'rims', coalesce(in_fact.rims, '[]'),
    'circuit', in_fact.circuit,
    'circuit_since', in_fact.circuit_since,
    'designations', coalesce(in_fact.designations, '[]'),
    'outages', coalesce(in_fact.outages, '[]'))
$$;
comment on function programme.fact_json(programme.fact) is
  'The facts of a premise as they are kept with a decision.';
grant execute on function programme.fact_json(programme.fact) to bptm_http;
