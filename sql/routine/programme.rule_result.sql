-- What one rule of a ruleset says of the facts of one application (programme.application_fact). The
-- kinds, with their parameters:
--   area             any: [{layer, tiers?} | {designation}, ...]
--   prior_rebate, tenure, access, survey
--   account          active?: true, residential?: true; always: of record at the premise
--   business_meter   allowed: [form, ...]; for business accounts
--   service_voltage  allowed: [voltage, ...]
--   service_amps     min?, max
--   meter_form       allowed: [form, ...]
--   medical          the two acknowledgements of a Medical-Baseline customer
--   generator        basis: rebated | compatible
-- A kind that is not listed is unknown, so that nobody is enrolled by a rule that was not applied.
-- Without a pinned search_path, so that it can be inlined into a query over many applications; all
-- that it calls is in pg_catalog or qualified.
create or replace function programme.rule_result(in_rule jsonb, in_facts jsonb)
returns table (result text, evidence jsonb, sentence text)
language sql immutable parallel safe
as $$
  select a.result, a.evidence, a.sentence
  from programme.area_result(in_rule, in_facts) a
  where in_rule ->> 'kind' = 'area'

  union all
  select case (in_facts ->> said.fact)::boolean when true then 'pass' when false then 'fail'
              else 'unknown' end,
         jsonb_build_object(said.fact, in_facts -> said.fact),
         case (in_facts ->> said.fact)::boolean when true then said.yes when false then said.no
              else 'The application does not say.' end
  from (values
    ('prior_rebate', 'prior_rebate', 'The customer had a generator rebate.',
      'The customer had no generator rebate.'),
    ('tenure', 'owner_or_permission', 'The customer owns the premise or has the owner''s permission.',
      'The customer neither owns the premise nor has the owner''s permission.'),
    ('access', 'access_agreed', 'Access to the site is agreed.', 'Access to the site is not agreed.'),
    ('survey', 'survey_agreed', 'The survey is agreed.', 'The survey is not agreed.')
  ) said(kind, fact, yes, no)
  where in_rule ->> 'kind' = said.kind

  union all
  select v.result,
         jsonb_build_object('account_kind', in_facts -> 'account_kind', 'account_active',
           in_facts -> 'account_active', 'account_at_premise', in_facts -> 'account_at_premise'),
         v.sentence
  from (select case
      when not (in_facts ->> 'account_at_premise')::boolean
        then array['fail', 'The account is not one of this premise.']
      when in_rule @> '{"active": true}' and not (in_facts ->> 'account_active')::boolean
        then array['fail', 'The account is not active.']
      when in_rule @> '{"residential": true}' and in_facts ->> 'account_kind' <> 'residential'
        then array['fail', 'The account is a business account.']
      else array['pass', format('The customer of record has %s %s account at the premise.',
        case when (in_facts ->> 'account_active')::boolean then 'an active' else 'an inactive' end,
        in_facts ->> 'account_kind')] end) chosen(pair)
  cross join lateral (select chosen.pair[1], chosen.pair[2]) v(result, sentence)
  where in_rule ->> 'kind' = 'account'

  union all
  select case when in_rule ->> 'kind' = 'business_meter' and in_facts ->> 'account_kind' <> 'business'
                then 'not_applicable'
              when in_facts ->> held.fact is null then 'unknown'
              when in_rule -> 'allowed' ? (in_facts ->> held.fact) then 'pass'
              else 'fail' end,
         jsonb_build_object(held.fact, in_facts -> held.fact, 'allowed', in_rule -> 'allowed'),
         case when in_rule ->> 'kind' = 'business_meter' and in_facts ->> 'account_kind' <> 'business'
                then 'The account is not a business account.'
              when in_facts ->> held.fact is null then format('The %s is not known.', held.name)
              when in_rule -> 'allowed' ? (in_facts ->> held.fact)
                then format('The %s is %s.', held.name, in_facts ->> held.fact)
              else format('The %s is %s; it must be %s.', held.name, in_facts ->> held.fact,
                replace(translate(in_rule ->> 'allowed', '[]"', ''), ', ', ' or ')) end
  from (values
    ('business_meter', 'meter_form', 'form of the meter socket'),
    ('meter_form', 'meter_form', 'form of the meter socket'),
    ('service_voltage', 'service_voltage', 'voltage of the service')
  ) held(kind, fact, name)
  where in_rule ->> 'kind' = held.kind

  union all
  select case when in_facts ->> 'service_amps' is null then 'unknown'
              when (in_facts ->> 'service_amps')::integer
                between coalesce((in_rule ->> 'min')::integer, 0) and (in_rule ->> 'max')::integer
                then 'pass'
              else 'fail' end,
         jsonb_build_object('service_amps', in_facts -> 'service_amps', 'min', in_rule -> 'min',
           'max', in_rule -> 'max'),
         case when in_facts ->> 'service_amps' is null then 'The size of the panel is not known.'
              else format('The panel is %s A; %s.', in_facts ->> 'service_amps',
                case when in_rule -> 'min' = in_rule -> 'max'
                     then format('the rule asks for %s A', in_rule ->> 'max')
                     else format('the rule allows up to %s A', in_rule ->> 'max') end) end
  where in_rule ->> 'kind' = 'service_amps'

  union all
  select v.result,
         jsonb_build_object('medical_baseline', in_facts -> 'medical_baseline',
           'medical_needs_not_compromised', in_facts -> 'medical_needs_not_compromised',
           'medical_needs_met_in_shutoff', in_facts -> 'medical_needs_met_in_shutoff'),
         v.sentence
  from (select case
      when not (in_facts ->> 'medical_baseline')::boolean
        then array['not_applicable', 'The customer is not on Medical Baseline.']
      when not (in_facts ->> 'medical_needs_not_compromised')::boolean
        or not (in_facts ->> 'medical_needs_met_in_shutoff')::boolean
        then array['fail', 'The Medical-Baseline customer declined an acknowledgement.']
      when in_facts ->> 'medical_needs_not_compromised' is null
        or in_facts ->> 'medical_needs_met_in_shutoff' is null
        then array['unknown', 'The Medical-Baseline customer has not given both acknowledgements.']
      else array['pass', 'The Medical-Baseline customer gave both acknowledgements.'] end) chosen(pair)
  cross join lateral (select chosen.pair[1], chosen.pair[2]) v(result, sentence)
  where in_rule ->> 'kind' = 'medical'

  union all
  select v.result,
         jsonb_build_object('generator_list', in_facts -> 'generator_list', 'listed',
           in_facts -> 'generator_listed', 'verdict', in_facts -> 'generator_verdict', 'grade',
           in_facts -> 'generator_grade', 'rules', in_facts -> 'generator_rules', 'make',
           in_facts -> 'generator_make', 'model', in_facts -> 'generator_model'),
         v.sentence
  from (select format('The %s %s', in_facts ->> 'generator_make', in_facts ->> 'generator_model')) g(name)
  cross join lateral (select case
      when in_rule ->> 'basis' = 'rebated' and (in_facts ->> 'prior_rebate')::boolean
        then array['pass', 'The generator was rebated.']
      when in_rule ->> 'basis' = 'rebated' then array['fail', 'The generator was not rebated.']
      when not (in_facts ->> 'generator_listed')::boolean
        then array['unknown', g.name || ' is not on the list of generators.']
      when in_facts ->> 'generator_verdict' = 'compatible'
        then array['pass', g.name || ' is compatible.']
      when in_facts ->> 'generator_verdict' = 'conditional'
        then array['pass', g.name || ' is compatible on conditions, to be checked at the site.']
      when in_facts ->> 'generator_verdict' = 'incompatible'
        then array['fail', g.name || ' is not compatible.']
      else array['unknown', 'Whether the ' || (in_facts ->> 'generator_make') || ' '
        || (in_facts ->> 'generator_model') || ' is compatible is not known.'] end) chosen(pair)
  cross join lateral (select chosen.pair[1], chosen.pair[2]) v(result, sentence)
  where in_rule ->> 'kind' = 'generator'

  union all
  select 'unknown', jsonb_build_object('kind', in_rule -> 'kind'),
         format('This server does not know the rule kind %s.', coalesce(in_rule ->> 'kind', '(none)'))
  where coalesce(in_rule ->> 'kind', '') not in ('area', 'prior_rebate', 'tenure', 'access', 'survey',
    'account', 'business_meter', 'meter_form', 'service_voltage', 'service_amps', 'medical', 'generator')
$$;
comment on function programme.rule_result(jsonb, jsonb) is
  'What one rule of a ruleset says of the facts of one application.';
grant execute on function programme.rule_result(jsonb, jsonb) to bptm_http;
