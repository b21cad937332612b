-- The compatibility answer on one generator, from a list or from its label (then in_model has no list):
-- verdict, grade, every rule, what is known of it, the list, and what the field says. in_match says how
-- it was found (json null: by its exact make and model).
create or replace function programme.generator_document(in_model programme.generator_model, in_site jsonb,
                                                        in_match json default null)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object(
    'id', in_model.generator_model_id, 'make', in_model.make, 'model', in_model.model,
    'source_type', in_model.source_type, 'listed', in_model.generator_list_id is not null,
    'verdict', j.verdict, 'grade', j.grade, 'rules', j.rules, 'evidence', in_model.evidence,
    'field_evidence', in_model.field_evidence, 'status', in_model.status, 'reason', in_model.reason,
    'facts', json_build_object('fuels', in_model.fuels, 'running_w', in_model.running_w,
      'starting_w', in_model.starting_w, 'receptacles', in_model.receptacles, 'l14_30r', in_model.l14_30r,
      'volts', in_model.volts, 'rated_a_240v', in_model.rated_a_240v, 'breaker_a', in_model.breaker_a,
      'neutral', coalesce(in_model.neutral, 'unknown'), 'gfci_on_240v', in_model.gfci_on_240v,
      'co_shutoff', in_model.co_shutoff, 'carb', in_model.carb,
      'trips_unbalanced', in_model.trips_unbalanced, 'aliases', in_model.aliases,
      'valid_from', in_model.valid_from, 'valid_to', in_model.valid_to),
    'list', case when in_model.generator_list_id is not null
      then programme.generator_list_head(in_model.generator_list_id) end,
    'field_results', programme.generator_field_result(in_model.make, in_model.model),
    'match', in_match)
  from programme.generator_judge(in_model, in_site) j
$$;
comment on function programme.generator_document(programme.generator_model, jsonb, json) is
  'The compatibility answer on one generator, from a list or from its label.';
grant execute on function programme.generator_document(programme.generator_model, jsonb, json)
  to bptm_http, bptm_job;
