-- Put a previewed ruleset, layers and lists in force, all together. By the grandfathering of each
-- programme, its applications that were decided keep that, or are decided again; those with a place or
-- hardware always keep it. in_who is who must not have imported a list of generators. Errors: not-found; state-refused, with why; same-person, for a list of
-- generators; forbidden, for enrolment, which publishes lists of generators only.
drop function if exists programme.preview_publish(bigint, access.actor);
create or replace function programme.preview_publish(in_preview_id bigint, in_actor access.actor, in_who text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  p programme.preview;
  l_new programme.ruleset;
  l_layer record;
  l_list programme.circuit_list;
  l_application bigint;
  l_again bigint := 0;
begin
  lock table programme.zone_layer, programme.circuit_list, programme.ruleset in share row exclusive mode;
  select * into p from programme.preview v where v.preview_id = in_preview_id for update;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  perform programme.preview_refuse(p);
  if in_actor.role = 'enrolment' and row(p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids)
       is distinct from row(p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids) then
    raise exception using errcode = 'BP001', message = 'forbidden';
  end if;

  select * into l_new from programme.ruleset r where r.ruleset_id = p.ruleset_id;
  if l_new.state = 'draft' then
    update programme.ruleset r set valid_to = l_new.valid_from
    where r.programme_id = p.programme_id and r.state = 'published' and r.valid_from < l_new.valid_from
      and (r.valid_to is null or r.valid_to > l_new.valid_from);
    update programme.ruleset r set state = 'published', published_at = now() where r.ruleset_id = l_new.ruleset_id;
  end if;
  for l_layer in select l.code, l.version from programme.zone_layer l where l.zone_layer_id = any (p.zone_layer_ids) and not l.active loop
    perform programme.zone_layer_publish(l_layer.code, l_layer.version);
  end loop;
  for l_list in select l.* from programme.circuit_list l where l.circuit_list_id = any (p.circuit_list_ids) and not l.active loop
    perform programme.circuit_list_publish(l_list.circuit_list_id);
  end loop;
  if p.generator_list_id is distinct from p.generator_list_before_id then
    perform programme.generator_list_publish(l.version, in_who)
    from programme.generator_list l where l.generator_list_id = p.generator_list_id;
  end if;

  for l_application in
    select a.application_id from programme.application a
    join programme.programme g using (programme_id)
    where g.grandfathering = 're-decided' and a.state in ('submitted', 'in_review', 'eligible', 'waitlisted')
      and (p.ruleset_id is not distinct from p.ruleset_before_id or a.programme_id = p.programme_id)
      and exists (select from programme.decision d where d.application_id = a.application_id)
    order by a.application_id
  loop
    perform programme.decide(l_application, in_actor);
    l_again := l_again + 1;
  end loop;
  insert into access.audit (token_id, role, action, object_id, request_id)
  select in_actor.token_id, in_actor.role, o.kind || '.publish', o.id, in_actor.request_id
  from (
    select 'ruleset', g.code || ' ' || l_new.version from programme.programme g
    where l_new.state = 'draft' and g.programme_id = p.programme_id
    union all
    select 'zone_layer', l.code || ' ' || l.version from programme.zone_layer l
    where l.zone_layer_id = any (p.zone_layer_ids) and l.zone_layer_id <> all (p.zone_layer_before_ids)
    union all
    select 'circuit_list', l.designation || ' ' || l.version from programme.circuit_list l
    where l.circuit_list_id = any (p.circuit_list_ids) and l.circuit_list_id <> all (p.circuit_list_before_ids)
    union all
    select 'generator_list', l.version::text from programme.generator_list l
    where l.generator_list_id = p.generator_list_id and p.generator_list_id is distinct from p.generator_list_before_id
  ) o(kind, id);
  update programme.preview v set published_at = now(), decided_again = l_again where v.preview_id = in_preview_id;
end
$$;
comment on function programme.preview_publish(bigint, access.actor, text) is
  'Put a previewed ruleset, layers and lists in force, all together.';
grant execute on function programme.preview_publish(bigint, access.actor, text) to bptm_http;
