-- Everything that the eligibility rules look at, one row for each application: what it says, what is
-- known of its premise, account and generator, and where the premise is. `facts` holds no ids and no
-- names, so that equal inputs are equal. Planned anew at each call, because the right plan for one
-- application takes hours for a million.
create or replace function programme.application_fact(in_application_ids bigint[])
returns table (application_id bigint, ruleset_id bigint, generator_list_id bigint, facts jsonb)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  return query
  with app as materialized (
    select a.*, (a.created_at at time zone 'UTC')::date as applied_on
    from programme.application a
    where a.application_id = any (in_application_ids)
  ), area as materialized (
    select h.premise_id,
           jsonb_agg(jsonb_build_object('layer', h.layer, 'version', h.version, 'zone', h.zone,
                                        'tier', h.tier)
                     order by h.layer, h.tier, h.zone, h.zone_id) as zones
    from programme.zone_hit((select array_agg(distinct app.premise_id) from app)) h
    group by h.premise_id
  ), layer as (
    select coalesce(jsonb_object_agg(l.code, l.version), '{}') as layers
    from programme.zone_layer l
    where l.active
  ), fed as materialized (
    select app.application_id, pc.circuit_id, pc.valid_from,
           coalesce(d.designations, '[]') as designations
    from app
    join programme.premise_circuit pc on pc.premise_id = app.premise_id
      and daterange(pc.valid_from, pc.valid_to) @> app.applied_on
    left join lateral (
      select jsonb_agg(jsonb_build_object('designation', cd.designation, 'since', cd.valid_from)
                       order by cd.designation) as designations
      from programme.circuit_designation cd
      where cd.circuit_id = pc.circuit_id
        and daterange(cd.valid_from, cd.valid_to) @> app.applied_on
    ) d on true
  ), list as (
    select l.generator_list_id, l.version from programme.generator_list l where l.active
  ), wanted as materialized (
    select distinct m.generator_model_id, lower(m.make) as make, lower(m.model) as model
    from app
    join list on true
    join programme.generator_model m on m.generator_list_id = list.generator_list_id
      and lower(m.make) = lower(app.generator_make) and lower(m.model) = lower(app.generator_model)
  ), generator as (
    select w.make, w.model, v.verdict, v.grade, v.rules
    from wanted w
    join programme.generator_verdict((select array_agg(w2.generator_model_id) from wanted w2)) v
      using (generator_model_id)
  )
  select app.application_id, rs.ruleset_id, list.generator_list_id,
         jsonb_build_object(
           'applied_on', app.applied_on,
           'account_kind', acc.kind,
           'account_active', acc.active,
           'account_at_premise', acc.premise_id = app.premise_id,
           'medical_baseline', c.medical_baseline,
           'medical_needs_not_compromised', app.medical_needs_not_compromised,
           'medical_needs_met_in_shutoff', app.medical_needs_met_in_shutoff,
           'owner_or_permission', app.owner_or_permission,
           'access_agreed', app.access_agreed,
           'survey_agreed', app.survey_agreed,
           'prior_rebate', app.prior_rebate,
           'meter_form', p.meter_form,
           'service_amps', p.service_amps,
           'service_voltage', p.service_voltage,
           'longitude', st_x(p.geom),
           'latitude', st_y(p.geom),
           'layers', layer.layers,
           'zones', coalesce(area.zones, '[]'),
           'circuit', fed.circuit_id,
           'circuit_since', fed.valid_from,
           'designations', coalesce(fed.designations, '[]'),
           'generator_list', list.version,
           'generator_make', app.generator_make,
           'generator_model', app.generator_model,
           'generator_listed', g.verdict is not null,
           'generator_verdict', coalesce(g.verdict, 'unknown'),
           'generator_grade', g.grade,
           'generator_rules', coalesce(g.rules, '[]'))
  from app
  join programme.premise p on p.premise_id = app.premise_id
  join programme.account acc on acc.account_id = app.account_id
  join person.customer c on c.customer_id = acc.customer_id
  cross join layer
  left join programme.ruleset rs on rs.programme_id = app.programme_id
    and daterange(rs.valid_from, rs.valid_to) @> app.applied_on
  left join area on area.premise_id = app.premise_id
  left join fed on fed.application_id = app.application_id
  left join list on true
  left join generator g on g.make = lower(app.generator_make) and g.model = lower(app.generator_model);
end
$$;
comment on function programme.application_fact(bigint[]) is
  'Everything that the eligibility rules look at, one row for each application.';
grant execute on function programme.application_fact(bigint[]) to bptm_http;
