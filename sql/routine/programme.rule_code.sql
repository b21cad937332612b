-- What one rule says of one premise or application: pass, fail, unknown or not_applicable, with a
-- reason after a slash; "near/" before it when the premise is too near to a boundary to be sure. The
-- one implementation of every kind of rule:
--   area             any: [test, ...]; see programme.rule_test
--   prior_rebate, tenure, access, survey
--   account          active?: true, residential?: true; always: of record at the premise
--   business_meter   allowed: [form, ...]; for business accounts
--   service_voltage  allowed: [voltage, ...]
--   service_amps     min?, max
--   meter_form       allowed: [form, ...]
--   medical          the two acknowledgements of a Medical-Baseline customer
--   generator        basis: rebated | compatible
-- What only an application says is not applicable to a premise without one. A kind that is not listed
-- is unknown, so that nobody is enrolled by a rule that was not applied. Without a pinned search_path,
-- so that it can be inlined into a query over a million premises; all that it calls is in pg_catalog.
create or replace function programme.rule_code(in_term programme.rule_term, in_fact programme.fact)
returns text
language sql immutable parallel safe
as $$
  select case (in_term).kind
    when 'area' then case
      when (in_term).tests & (in_fact).area_hit & ~(in_fact).area_near <> 0 then 'pass'
      when (in_term).tests & (in_fact).area_hit <> 0 then 'near/pass'
      when (in_term).tests & ~(in_fact).area_known <> 0 then 'unknown'
      when (in_term).tests & (in_fact).area_near <> 0 then 'near/fail'
      else 'fail' end
    when 'prior_rebate' then case (in_fact).prior_rebate when true then 'pass' when false then 'fail'
      else case when (in_fact).is_screening then 'not_applicable/asked' else 'unknown' end end
    when 'tenure' then case (in_fact).owner_or_permission when true then 'pass' when false then 'fail'
      else case when (in_fact).is_screening then 'not_applicable/asked' else 'unknown' end end
    when 'access' then case (in_fact).access_agreed when true then 'pass' when false then 'fail'
      else case when (in_fact).is_screening then 'not_applicable/asked' else 'unknown' end end
    when 'survey' then case (in_fact).survey_agreed when true then 'pass' when false then 'fail'
      else case when (in_fact).is_screening then 'not_applicable/asked' else 'unknown' end end
    when 'account' then case
      when (in_fact).account_kind is null then 'unknown/none'
      when not (in_fact).account_at_premise then 'fail/elsewhere'
      when (in_term).must_be_active and not (in_fact).account_active then 'fail/inactive'
      when (in_term).must_be_residential and (in_fact).account_kind <> 'residential' then 'fail/business'
      else 'pass' end
    when 'business_meter' then case
      when (in_fact).account_kind <> 'business' then 'not_applicable'
      when (in_fact).meter_form is null or (in_fact).account_kind is null then 'unknown'
      when (in_fact).meter_form = any ((in_term).allowed) then 'pass'
      else 'fail' end
    when 'meter_form' then case
      when (in_fact).meter_form is null then 'unknown'
      when (in_fact).meter_form = any ((in_term).allowed) then 'pass'
      else 'fail' end
    when 'service_voltage' then case
      when (in_fact).service_voltage is null then 'unknown'
      when (in_fact).service_voltage = any ((in_term).allowed) then 'pass'
      else 'fail' end
    when 'service_amps' then case
      when (in_fact).service_amps is null then 'unknown'
      when (in_fact).service_amps between (in_term).least and (in_term).most then 'pass'
      else 'fail' end
    when 'medical' then case
      when not (in_fact).medical_baseline then 'not_applicable'
      when not (in_fact).medical_needs_not_compromised or not (in_fact).medical_needs_met_in_shutoff
        then 'fail'
      when (in_fact).medical_needs_not_compromised and (in_fact).medical_needs_met_in_shutoff then 'pass'
      when (in_fact).is_screening then 'not_applicable/asked'
      else 'unknown' end
    when 'generator' then case
      when (in_fact).is_screening then 'not_applicable/asked'
      when (in_term).basis = 'rebated' then case when (in_fact).prior_rebate then 'pass/rebated' else 'fail/rebated' end
      when not (in_fact).generator_listed then 'unknown/unlisted'
      when (in_fact).generator_verdict = 'compatible' then 'pass'
      when (in_fact).generator_verdict = 'conditional' then 'pass/conditional'
      when (in_fact).generator_verdict = 'incompatible' then 'fail'
      else 'unknown' end
    else 'unknown/kind' end
$$;
comment on function programme.rule_code(programme.rule_term, programme.fact) is
  'What one rule says of one premise or application.';
grant execute on function programme.rule_code(programme.rule_term, programme.fact) to bptm_http, bptm_import;
