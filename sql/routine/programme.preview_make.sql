-- Judge every premise by what is in force and by the named drafts, with programme.judged, and keep
-- whose outcome differs. Null names nothing: what is in force stays. Errors: not-found without such a
-- programme; fields-invalid, with what is not there.
create or replace function programme.preview_make(in_programme text, in_ruleset integer, in_zone_layers jsonb,
  in_circuit_lists jsonb, in_generator_list integer, in_quota integer, in_actor access.actor)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set work_mem = '256MB'
set enable_nestloop = off      -- as programme.screen has it
set enable_mergejoin = off
as $$
declare
  p programme.preview;
  l_policy text;
begin
  select g.programme_id, g.grandfathering into p.programme_id, l_policy from programme.programme g where g.code = in_programme;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  p.decided_on := current_date;
  select r.ruleset_id into p.ruleset_before_id from programme.ruleset r
  where r.programme_id = p.programme_id and r.state = 'published' and daterange(r.valid_from, r.valid_to) @> p.decided_on;
  p.ruleset_id := p.ruleset_before_id;
  if in_ruleset is not null then
    p.ruleset_id := (select r.ruleset_id from programme.ruleset r where r.programme_id = p.programme_id and r.version = in_ruleset);
  end if;
  p.generator_list_before_id := (select l.generator_list_id from programme.generator_list l where l.active);
  p.generator_list_id := p.generator_list_before_id;
  if in_generator_list is not null then
    p.generator_list_id := (select l.generator_list_id from programme.generator_list l
                            where l.version = in_generator_list and l.state <> 'discarded');
  end if;
  if p.ruleset_id is null or in_generator_list is not null and p.generator_list_id is null then
    raise exception using errcode = 'BP001', message = 'fields-invalid',
      detail = case when p.ruleset_id is null then 'ruleset' else 'generator list ' || in_generator_list end;
  end if;
  p.zone_layer_before_ids := programme.preview_versions('zone_layer', null);
  p.zone_layer_ids := programme.preview_versions('zone_layer', in_zone_layers);
  p.circuit_list_before_ids := programme.preview_versions('circuit_list', null);
  p.circuit_list_ids := programme.preview_versions('circuit_list', in_circuit_lists);

  insert into programme.preview (programme_id, ruleset_id, ruleset_before_id, zone_layer_ids, zone_layer_before_ids, circuit_list_ids,
                                 circuit_list_before_ids, generator_list_id, generator_list_before_id, quota, decided_on, token_id, role)
  values (p.programme_id, p.ruleset_id, p.ruleset_before_id, p.zone_layer_ids, p.zone_layer_before_ids, p.circuit_list_ids,
          p.circuit_list_before_ids, p.generator_list_id, p.generator_list_before_id, in_quota, p.decided_on,
          in_actor.token_id::uuid, in_actor.role)
  returning preview_id into p.preview_id;

  with after as materialized (
    select j.premise_id, j.application_id, programme.outcome(j.codes) as outcome
    from (
      select j.premise_id, j.application_id, j.codes
      from programme.judged(true, null, p.programme_id, p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids, p.generator_list_id, p.decided_on) j
      offset 0   -- as programme.screen has it
    ) j
  ), before as materialized (
    select j.premise_id, programme.outcome(j.codes) as outcome
    from (
      select j.premise_id, j.codes
      from programme.judged(true, null, p.programme_id, p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids,
        p.generator_list_before_id, p.decided_on) j
      offset 0
    ) j
  ), hardware as (
    select distinct f.premise_id from fleet.assignment f where f.assigned_to is null or f.assigned_to > now()
  ), changed as (
    insert into programme.preview_change (preview_id, premise_id, before, after, application_id, has_hardware, is_kept)
    select p.preview_id, a.premise_id, coalesce(b.outcome, 'ineligible'), a.outcome, a.application_id, h.premise_id is not null,
           h.premise_id is not null or a.application_id is not null and l_policy = 'kept' and p.ruleset_id is distinct from p.ruleset_before_id
    from after a left join before b using (premise_id) left join hardware h using (premise_id)
    where coalesce(b.outcome, 'ineligible') <> a.outcome
    returning before, after, direction, application_id, has_hardware, is_kept
  ), season as (
    select s.quota, s.reserved, coalesce(in_quota, s.quota) as places,
           (select count(*) from programme.application w where w.programme_id = p.programme_id and w.state = 'waitlisted') as waiting
    from programme.season(p.programme_id) s
  )
  select jsonb_build_object(
           'premises', (select count(*) from after),
           'eligible_before', (select count(*) from before where outcome = 'eligible'),
           'eligible_after', (select count(*) from after where outcome = 'eligible'),
           'in', count(*) filter (where c.direction = 'in'),
           'out', count(*) filter (where c.direction = 'out'),
           'other', count(*) filter (where c.direction = 'other'),
           'applications', count(c.application_id),
           'hardware', count(*) filter (where c.has_hardware),
           'hardware_out', count(*) filter (where c.has_hardware and c.direction = 'out'),
           'kept', count(*) filter (where c.is_kept),
           'places', (select s.places from season s), 'reserved', (select s.reserved from season s),
           'waiting', (select s.waiting from season s),
           'promoted', (select greatest(0, least(coalesce(s.places - s.reserved, s.waiting), s.waiting)) from season s))
  into p.counts
  from changed c;
  update programme.preview v set counts = p.counts where v.preview_id = p.preview_id;
  return p.preview_id;
end
$$;
comment on function programme.preview_make(text, integer, jsonb, jsonb, integer, integer, access.actor) is
  'Judge every premise by what is in force and by the named drafts, and keep whose outcome differs.';
grant execute on function programme.preview_make(text, integer, jsonb, jsonb, integer, integer, access.actor) to bptm_http;
