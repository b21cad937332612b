-- Ask what would follow if the named drafts were in force: programme.preview_judge finds out. Null names
-- nothing: what is in force stays. Errors: not-found without such a programme; fields-invalid, with what is
-- not there; queue-full when in_most wait.
drop function if exists programme.preview_make(text, integer, jsonb, jsonb, integer, integer, access.actor);
create or replace function programme.preview_ask(in_programme text, in_ruleset integer, in_zone_layers jsonb,
  in_circuit_lists jsonb, in_generator_list integer, in_quota integer, in_actor access.actor, in_most integer)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  p programme.preview;
begin
  select g.programme_id into p.programme_id from programme.programme g where g.code = in_programme;
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

  perform pg_advisory_xact_lock(hashtextextended('bptm previews asked', 0));
  if (select count(*) from programme.preview v where v.state in ('waiting', 'running')) >= in_most then
    raise exception using errcode = 'BP001', message = 'queue-full';
  end if;
  insert into programme.preview (programme_id, ruleset_id, ruleset_before_id, zone_layer_ids, zone_layer_before_ids, circuit_list_ids,
                                 circuit_list_before_ids, generator_list_id, generator_list_before_id, quota, decided_on, token_id, role)
  values (p.programme_id, p.ruleset_id, p.ruleset_before_id, p.zone_layer_ids, p.zone_layer_before_ids, p.circuit_list_ids,
          p.circuit_list_before_ids, p.generator_list_id, p.generator_list_before_id, in_quota, p.decided_on,
          in_actor.token_id::uuid, in_actor.role)
  returning preview_id into p.preview_id;
  return p.preview_id;
end
$$;
comment on function programme.preview_ask(text, integer, jsonb, jsonb, integer, integer, access.actor, integer) is
  'Ask what would follow if the named drafts were in force.';
grant execute on function programme.preview_ask(text, integer, jsonb, jsonb, integer, integer, access.actor, integer) to bptm_http;
