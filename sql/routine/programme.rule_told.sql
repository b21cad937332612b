-- Evidence and sentence of one rule for kept facts (programme.judged) and the code that
-- programme.rule_code gave: what makes a stored decision plain. Inlined.
create or replace function programme.rule_told(in_rule jsonb, in_facts jsonb, in_code text)
returns table (evidence jsonb, sentence text)
language sql immutable parallel safe
as $$
  select jsonb_build_object('override', o.o),
         format('Decided by hand as %s until %s by %s: %s', o.o ->> 'result', left(o.o ->> 'until', 10),
                o.o ->> 'by', rtrim(o.o ->> 'reason', '.') || '.')
  from jsonb_array_elements(in_facts -> 'overrides') o(o)
  where in_code like '%/override' and o.o ->> 'code' = in_rule ->> 'code'

  union all
  select '{}', 'The application will say.'
  where in_code = 'not_applicable/asked'

  union all
  select t.evidence, t.sentence
  from programme.area_told(in_rule, in_facts, in_code) t
  where in_rule ->> 'kind' = 'area' and in_code not like '%/override'

  union all
  select jsonb_build_object(said.fact, in_facts -> said.fact),
         case in_code when 'pass' then said.yes when 'fail' then said.no else 'The application does not say.' end
  from (values
    ('prior_rebate', 'prior_rebate', 'The customer had a generator rebate.',
      'The customer had no generator rebate.'),
    ('tenure', 'owner_or_permission', 'The customer owns the premise or has the owner''s permission.',
      'The customer neither owns the premise nor has the owner''s permission.'),
    ('access', 'access_agreed', 'Access to the site is agreed.', 'Access to the site is not agreed.'),
    ('survey', 'survey_agreed', 'The survey is agreed.', 'The survey is not agreed.')
  ) said(kind, fact, yes, no)
  where in_rule ->> 'kind' = said.kind and in_code in ('pass', 'fail', 'unknown')

  union all
  select jsonb_build_object('account_kind', in_facts -> 'account_kind', 'account_active',
           in_facts -> 'account_active', 'account_at_premise', in_facts -> 'account_at_premise'),
         case in_code
           when 'unknown/none' then 'The premise has no active account.'
           when 'fail/elsewhere' then 'The account is not one of this premise.'
           when 'fail/inactive' then 'The account is not active.'
           when 'fail/business' then 'The account is a business account.'
           else format('The customer of record has %s %s account at the premise.',
             case when (in_facts ->> 'account_active')::boolean then 'an active' else 'an inactive' end,
             in_facts ->> 'account_kind') end
  where in_rule ->> 'kind' = 'account' and in_code not like '%/override'

  union all
  select jsonb_build_object(held.fact, in_facts -> held.fact, 'allowed', in_rule -> 'allowed'),
         case in_code
           when 'not_applicable' then 'The account is not a business account.'
           when 'unknown' then format('The %s is not known.', held.name)
           when 'pass' then format('The %s is %s.', held.name, in_facts ->> held.fact)
           else format('The %s is %s; it must be %s.', held.name, in_facts ->> held.fact,
             replace(translate(in_rule ->> 'allowed', '[]"', ''), ', ', ' or ')) end
  from (values
    ('business_meter', 'meter_form', 'form of the meter socket'),
    ('meter_form', 'meter_form', 'form of the meter socket'),
    ('service_voltage', 'service_voltage', 'voltage of the service')
  ) held(kind, fact, name)
  where in_rule ->> 'kind' = held.kind and in_code not like '%/override'

  union all
  select jsonb_build_object('service_amps', in_facts -> 'service_amps', 'min', in_rule -> 'min',
           'max', in_rule -> 'max'),
         case when in_code = 'unknown' then 'The size of the panel is not known.'
              else format('The panel is %s A; %s.', in_facts ->> 'service_amps',
                case when in_rule -> 'min' = in_rule -> 'max'
                     then format('the rule asks for %s A', in_rule ->> 'max')
                     else format('the rule allows up to %s A', in_rule ->> 'max') end) end
  where in_rule ->> 'kind' = 'service_amps' and in_code not like '%/override'

  union all
  select jsonb_build_object('medical_baseline', in_facts -> 'medical_baseline',
           'medical_needs_not_compromised', in_facts -> 'medical_needs_not_compromised',
           'medical_needs_met_in_shutoff', in_facts -> 'medical_needs_met_in_shutoff'),
         case in_code
           when 'not_applicable' then 'The customer is not on Medical Baseline.'
           when 'fail' then 'The Medical-Baseline customer declined an acknowledgement.'
           when 'unknown' then 'The Medical-Baseline customer has not given both acknowledgements.'
           else 'The Medical-Baseline customer gave both acknowledgements.' end
  where in_rule ->> 'kind' = 'medical' and in_code in ('pass', 'fail', 'unknown', 'not_applicable')

  union all
  select jsonb_build_object('generator_list', in_facts -> 'generator_list', 'listed',
           in_facts -> 'generator_listed', 'verdict', in_facts -> 'generator_verdict', 'grade',
           in_facts -> 'generator_grade', 'rules', in_facts -> 'generator_rules', 'make',
           in_facts -> 'generator_make', 'model', in_facts -> 'generator_model')
           || case when in_facts ? 'generator_taken_for'
                   then jsonb_build_object('taken_for', in_facts -> 'generator_taken_for') else '{}' end,
         case in_code
           when 'pass/rebated' then 'The generator was rebated.'
           when 'fail/rebated' then 'The generator was not rebated.'
           when 'unknown/unlisted' then g.name || ' is not on the list of generators.'
           when 'pass' then g.name || ' is compatible.'
           when 'pass/conditional' then g.name || ' is compatible on conditions, to be checked at the site.'
           when 'fail' then g.name || ' is not compatible.'
           else 'Whether the ' || (in_facts ->> 'generator_make') || ' ' || (in_facts ->> 'generator_model')
             || ' is compatible is not known.' end
  from (select format('The %s %s', in_facts ->> 'generator_make', in_facts ->> 'generator_model')
               || coalesce(', taken for the ' || (in_facts ->> 'generator_taken_for') || ',', '')) g(name)
  where in_rule ->> 'kind' = 'generator' and in_code not like '%/override' and in_code not like '%/asked'

  union all
  select jsonb_build_object('kind', in_rule -> 'kind'),
         format('This server does not know the rule kind %s.', coalesce(in_rule ->> 'kind', '(none)'))
  where in_code = 'unknown/kind'
$$;
comment on function programme.rule_told(jsonb, jsonb, text) is
  'Evidence and sentence of one rule for kept facts and the code that was given.';
grant execute on function programme.rule_told(jsonb, jsonb, text) to bptm_http;
