-- Judge applications, or when in_all every premise, each with its live application to
-- in_programme_id if it has one: what each rule says, the outcome, and the inputs as they are kept; by
-- each of in_sides. What the sides have in common is looked at once: a place against a layer
-- above all, so that a preview costs little more than what differs.
-- One statement for one application and for a million premises; in_all is to be a literal, so that the
-- planner sees which it is and leaves the other way out. A ruleset of null is the one in force: on the day of the application where the programme keeps what was decided,
-- else on in_on; every premise is judged by a ruleset that is named. The layers and lists are those named: the active ones, a draft, or those of long ago.
-- Polygons meet many premises driven from the polygons, so that PostGIS prepares each once.
-- The inputs of a decision are what it has in common with others (programme.judged_common), the facts,
-- and what the application said. Without a pinned search_path, so that it can be inlined; all that it calls is qualified.
drop function if exists programme.judged(boolean, bigint[], bigint, bigint, bigint[], bigint[], bigint, date);
create or replace function programme.judged(
  in_all boolean, in_application_ids bigint[], in_programme_id bigint, in_sides programme.side[], in_on date)
returns table (side smallint, premise_id bigint, application_id bigint, ruleset_id bigint, codes text[], fact programme.fact, said jsonb)
language sql stable parallel safe
as $$
  with side as materialized (
    select d.* from unnest(in_sides) d
  ), subject as not materialized (
    select a.premise_id, a.application_id, d.day, rs.ruleset_id
    from programme.application a
    join programme.programme pr on pr.programme_id = a.programme_id
    cross join lateral (select (a.created_at at time zone 'UTC')::date as day) d
    left join programme.ruleset rs on rs.programme_id = a.programme_id and rs.state = 'published'
      and daterange(rs.valid_from, rs.valid_to)
        @> case when pr.grandfathering = 'kept' then d.day else in_on end
    where not in_all and a.application_id = any (in_application_ids)
    union all
    select p.premise_id, a.application_id, in_on, null
    from programme.premise p
    left join programme.application a on a.premise_id = p.premise_id and a.programme_id = in_programme_id
      and a.state in (select st.state from programme.state st where st.is_live)
    where in_all
  ), asked as not materialized (   -- applications by side
    select s.premise_id, s.application_id, s.day, d.n, coalesce(d.ruleset_id, s.ruleset_id) as ruleset_id
    from subject s cross join side d
    where not in_all
  ), ruled as materialized (
    select r.ruleset_id, r.rules
    from programme.ruleset r
    where r.ruleset_id in (select d.ruleset_id from side d union all select a.ruleset_id from asked a)
  ), term as materialized (
    select t as t, t.ruleset_id, t.position, t.code
    from ruled r cross join lateral programme.rule_term(r.ruleset_id, r.rules) t
    order by t.ruleset_id, t.position   -- as they are scanned below
  ), test as materialized (
    select r.ruleset_id, t.* from ruled r cross join lateral programme.rule_test(r.rules) t
  ), layer as materialized (
    select l.zone_layer_id, l.code, l.version, l.tolerance_m, l.reach_m, array_agg(d.n) as sides
    from side d join programme.zone_layer l on l.zone_layer_id = any (d.zone_layer_ids)
    group by l.zone_layer_id
  ), list as materialized (
    select l.circuit_list_id, l.designation, l.version, d.n
    from side d join programme.circuit_list l on l.circuit_list_id = any (d.circuit_list_ids)
  ), known as materialized (   -- the tests that there is something to look at for, with and without a circuit
    select d.n, r.ruleset_id,
           coalesce(bit_or(t.flag) filter (where l.code is not null), 0) as by_place,
           coalesce(bit_or(t.flag) filter (where i.designation is not null or t.outages is not null), 0) as by_circuit
    from side d cross join ruled r
    left join test t on t.ruleset_id = r.ruleset_id
    left join layer l on l.code = t.layer and d.n = any (l.sides)
    left join list i on i.designation = t.designation and i.n = d.n
    group by d.n, r.ruleset_id
  ), hit as (
    select s.premise_id, s.n, s.ruleset_id, l.code, z.zone_id, z.name, z.tier,
           jsonb_build_object('layer', l.code, 'version', l.version, 'zone', z.name, 'tier', z.tier) as fact
    from (select distinct a.premise_id, a.n, a.ruleset_id from asked a) s
    join programme.premise p on p.premise_id = s.premise_id
    join programme.zone z on public.st_covers(z.geom, p.geom)
    join layer l on l.zone_layer_id = z.zone_layer_id and s.n = any (l.sides)
    union all
    select h.premise_id, d.n, d.ruleset_id, h.code, h.zone_id, h.name, h.tier, h.fact
    from (
      select h.premise_id, z.code, z.sides, z.zone_id, z.name, z.tier, z.fact
      from (
        select z.geom, l.code, l.sides, z.zone_id, z.name, z.tier,
               jsonb_build_object('layer', l.code, 'version', l.version, 'zone', z.name, 'tier', z.tier) as fact
        from programme.zone z join layer l on l.zone_layer_id = z.zone_layer_id
        where in_all
        offset 0
      ) z
      cross join lateral (
        select p.premise_id from programme.premise p where public.st_covers(z.geom, p.geom) offset 0
      ) h
      offset 0   -- a place is looked at once, whatever sides its layer is on
    ) h
    join side d on d.n = any (h.sides)
  ), area as (
    select h.premise_id, h.n, h.ruleset_id, jsonb_agg(h.fact order by h.code, h.tier, h.name, h.zone_id) as zones,
           bit_or((select coalesce(bit_or(t.flag), 0) from test t
                   where t.ruleset_id = h.ruleset_id and t.layer = h.code
                     and (t.tiers is null or h.tier = any (t.tiers)))) as hit
    from hit h
    group by h.premise_id, h.n, h.ruleset_id
  ), edge as (
    select p.premise_id, l.zone_layer_id,
           public.st_distance(r.local, public.st_point((public.st_x(p.geom) - r.x0) * r.mx,
                                                       (public.st_y(p.geom) - r.y0) * r.my)) as m, l.reach_m
    from (select distinct a.premise_id from asked a) s
    join programme.premise p on p.premise_id = s.premise_id
    cross join layer l
    join programme.zone_rim r on r.zone_layer_id = l.zone_layer_id
      and r.box operator(public.&&) public.st_expand(p.geom,
            l.reach_m::float8 / (111000 * greatest(0.01, cosd(public.st_y(p.geom)))), l.reach_m::float8 / 110500)
    union all
    select e.premise_id, r.zone_layer_id, e.m, r.reach_m
    from (
      select r.local, r.x0, r.y0, r.mx, r.my, l.zone_layer_id, l.reach_m,
             public.st_expand(r.box, l.reach_m::float8 / r.mx, l.reach_m::float8 / r.my) as box
      from programme.zone_rim r join layer l on l.zone_layer_id = r.zone_layer_id
      where in_all
      offset 0
    ) r
    cross join lateral (
      select p.premise_id,
             public.st_distance(r.local, public.st_point((public.st_x(p.geom) - r.x0) * r.mx,
                                                         (public.st_y(p.geom) - r.y0) * r.my)) as m
      from programme.premise p where p.geom operator(public.&&) r.box
      offset 0
    ) e
  ), near as (
    select e.premise_id, e.zone_layer_id, min(round(e.m::numeric, 1)) as m
    from edge e
    where e.m <= e.reach_m
    group by e.premise_id, e.zone_layer_id
  ), rim as (
    select e.premise_id, d.n,
           jsonb_agg(jsonb_build_object('layer', l.code, 'distance_m', e.m, 'tolerance_m', l.tolerance_m)
                     order by l.code) as rims,
           array_agg(l.code) filter (where e.m <= l.tolerance_m) as near
    from near e join layer l on l.zone_layer_id = e.zone_layer_id join side d on d.n = any (l.sides)
    group by e.premise_id, d.n
  ), fed as (
    select s.circuit_id, s.day, s.n, s.ruleset_id,
           coalesce(jsonb_agg(jsonb_build_object('designation', l.designation, 'since', e.valid_from)
                              order by l.designation) filter (where l.designation is not null), '[]') as designations,
           coalesce(bit_or(t.flag), 0) as hit
    from (
      select distinct pc.circuit_id, a.day, a.n, a.ruleset_id
      from asked a
      join programme.premise_circuit pc on pc.premise_id = a.premise_id
        and a.day >= pc.valid_from and (a.day < pc.valid_to or pc.valid_to is null)
      union all
      select c.circuit_id, in_on, d.n, d.ruleset_id from programme.circuit c cross join side d where in_all
    ) s
    left join (programme.circuit_list_entry e join list l on l.circuit_list_id = e.circuit_list_id)
      on e.circuit_id = s.circuit_id and l.n = s.n and s.day >= e.valid_from and (s.day < e.valid_to or e.valid_to is null)
    left join test t on t.ruleset_id = s.ruleset_id and t.designation = l.designation
    group by s.circuit_id, s.day, s.n, s.ruleset_id
  ), counted as (
    select f.circuit_id, f.day, f.n, f.ruleset_id,
           jsonb_agg(jsonb_build_object('since', t.since, 'causes', to_jsonb(t.causes), 'count', o.count) order by t.flag) as outages,
           coalesce(bit_or(t.flag) filter (where o.count >= t.outages), 0) as hit
    from fed f
    join test t on t.ruleset_id = f.ruleset_id and t.outages is not null
    cross join lateral (
      select count(*) from programme.circuit_outage o
      where o.circuit_id = f.circuit_id and o.started_at >= t.since::timestamp at time zone 'UTC'
        and o.started_at < (f.day + 1)::timestamp at time zone 'UTC'
        and (t.causes is null or o.cause = any (t.causes))
    ) o
    group by f.circuit_id, f.day, f.n, f.ruleset_id
  ), held as not materialized (   -- the account of a premise that has no application
    select a.premise_id, max(a.account_id) as account_id
    from programme.account a where a.active and in_all
    group by a.premise_id
  ), wanted as materialized (
    select l.generator_list_id, a.make, a.model, t.generator_model_id, t.is_exact
    from (select distinct d.generator_list_id from side d) l
    cross join (
      select distinct a.generator_make, a.generator_model
      from subject s join programme.application a on a.application_id = s.application_id
    ) a(make, model)
    cross join lateral programme.generator_meant(l.generator_list_id, a.make, a.model) t
  ), generator as materialized (
    select w.generator_list_id, w.make, w.model, v.verdict, v.grade, v.rules, case when w.is_exact then '{}'
             else jsonb_build_object('generator_taken_for', m.make || ' ' || m.model) end as taken_for
    from wanted w
    join programme.generator_model m on m.generator_model_id = w.generator_model_id
    cross join lateral programme.generator_judge(m, '{}') v
  ), overridden as materialized (
    select distinct on (o.application_id, o.code) o.application_id, o.code, o.result, o.reason, o.role, o.expires_at
    from programme.application_override o
    where in_all or o.application_id = any (in_application_ids)
    order by o.application_id, o.code, o.application_override_id desc
  ), by_hand as materialized (
    select o.application_id,
           jsonb_agg(jsonb_build_object('code', o.code, 'result', o.result, 'reason', o.reason, 'by', o.role,
                                        'until', o.expires_at) order by o.code) as overrides
    from overridden o where o.expires_at > now()
    group by o.application_id
  ), met as (   -- what is the same on every side, put together once; then a row for each
    select s.premise_id, s.application_id, s.day, s.ruleset_id, (unnest(in_sides)).n,
           p.geom, p.meter_form, p.service_amps, p.service_voltage, pc.circuit_id, pc.valid_from,
           acc.kind, acc.active, acc.premise_id = s.premise_id as is_there, c.medical_baseline,
           app.medical_needs_not_compromised, app.medical_needs_met_in_shutoff, app.owner_or_permission,
           app.access_agreed, app.survey_agreed, app.prior_rebate, app.generator_make, app.generator_model, h.overrides
    from subject s
    join programme.premise p on p.premise_id = s.premise_id
    left join programme.application app on app.application_id = s.application_id
    left join held on held.premise_id = s.premise_id
    left join programme.account acc on acc.account_id = coalesce(app.account_id, held.account_id)
    left join person.customer c on c.customer_id = acc.customer_id
    left join programme.premise_circuit pc on pc.premise_id = s.premise_id
      and s.day >= pc.valid_from and (s.day < pc.valid_to or pc.valid_to is null)
    left join by_hand h on h.application_id = s.application_id
  )
  select m.n, m.premise_id, m.application_id, k.ruleset_id,
         case when m.overrides is null
              then array(select programme.rule_code(t.t, f.f) from term t
                         where t.ruleset_id = k.ruleset_id)
              else array(select coalesce((select (o.o ->> 'result') || '/override'
                                          from jsonb_array_elements(m.overrides) o(o) where o.o ->> 'code' = t.code),
                                         programme.rule_code(t.t, f.f))
                         from term t where t.ruleset_id = k.ruleset_id) end,
         f.f,
         case when m.application_id is not null then jsonb_build_object(
           'applied_on', m.day,
           'generator_list', gl.version,
           'generator_make', m.generator_make,
           'generator_model', m.generator_model,
           'generator_grade', g.grade,
           'generator_rules', coalesce(g.rules, '[]'),
           'overrides', coalesce(m.overrides, '[]')) || coalesce(g.taken_for, '{}') end
  from met m
  join side d on d.n = m.n
  join known k on k.n = m.n and k.ruleset_id = coalesce(d.ruleset_id, m.ruleset_id)
  left join area on area.premise_id = m.premise_id and area.n = m.n and area.ruleset_id = k.ruleset_id
  left join rim on rim.premise_id = m.premise_id and rim.n = m.n
  left join fed on fed.circuit_id = m.circuit_id and fed.day = m.day and fed.n = m.n and fed.ruleset_id = k.ruleset_id
  left join counted on counted.circuit_id = m.circuit_id and counted.day = m.day and counted.n = m.n
    and counted.ruleset_id = k.ruleset_id
  left join generator g on g.generator_list_id = d.generator_list_id and g.make = m.generator_make
    and g.model = m.generator_model
  left join programme.generator_list gl on gl.generator_list_id = d.generator_list_id
  cross join lateral (
    select row(m.application_id is null, m.kind, m.active, m.is_there, m.medical_baseline,
               m.medical_needs_not_compromised, m.medical_needs_met_in_shutoff, m.owner_or_permission,
               m.access_agreed, m.survey_agreed, m.prior_rebate, m.meter_form, m.service_amps,
               m.service_voltage, g.verdict is not null, coalesce(g.verdict, 'unknown'),
               coalesce(area.hit, 0) | coalesce(fed.hit, 0) | coalesce(counted.hit, 0),
               case when rim.near is null then 0
                    else (select coalesce(bit_or(t.flag), 0) from test t
                          where t.ruleset_id = k.ruleset_id and t.layer = any (rim.near)) end,
               k.by_place | case when m.circuit_id is null then 0 else k.by_circuit end,
               public.st_x(m.geom), public.st_y(m.geom), area.zones, rim.rims, m.circuit_id, m.valid_from,
               nullif(fed.designations, '[]'), counted.outages)::programme.fact as f
    offset 0   -- a value, so that rule_code is inlined
  ) f
$$;
comment on function programme.judged(boolean, bigint[], bigint, programme.side[], date) is
  'Judge applications, or else every premise, by each side: what each rule says, and the inputs as they are kept.';
grant execute on function programme.judged(boolean, bigint[], bigint, programme.side[], date) to bptm_http, bptm_import;
