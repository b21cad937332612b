-- What is said of a generator that is not on the active list, or that a text does not tell from others.
create or replace function programme.generator_unknown(in_make text, in_model text, in_match json)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object('id', null, 'make', in_make, 'model', in_model, 'source_type', null,
    'listed', false, 'verdict', 'unknown', 'grade', null, 'rules', '[]'::json, 'evidence', null,
    'field_evidence', null, 'status', null, 'reason', null, 'facts', null,
    'list', programme.generator_list_head(null),
    'field_results', programme.generator_field_result(in_make, in_model), 'match', in_match)
$$;
comment on function programme.generator_unknown(text, text, json) is
  'What is said of a generator that is not on the active list.';

-- The answer by make and model on the active list, in any case; always one.
create or replace function programme.compatibility_by_name(in_make text, in_model text, in_site jsonb)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select programme.generator_document(m, in_site)
     from programme.generator_list l
     join programme.generator_model m using (generator_list_id)
     where l.active and lower(m.make) = lower(in_make) and lower(m.model) = lower(in_model)),
    programme.generator_unknown(in_make, in_model, null))
$$;
comment on function programme.compatibility_by_name(text, text, jsonb) is
  'The answer by make and model on the active list.';

-- The answer by free text. One model is taken for meant when its name is the text, or is alone one
-- letter away from it, or, failing both, is much more alike than the next; else the verdict is unknown
-- and the candidates are named, best first.
create or replace function programme.compatibility_by_text(in_text text, in_site jsonb)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with found as materialized (
    select s.*, row_number() over (order by s.distance nulls last, s.score desc, s.make, s.model) as n
    from programme.generator_search(in_text, 5) s
  ), best as (
    select f.generator_model_id, f.make, f.model, f.distance, f.score,
           case when f.distance is not null then f.distance is distinct from next.distance
                else f.score >= 0.5 and f.score >= coalesce(next.score, 0) + 0.1 end as is_sure
    from found f left join found next on next.n = 2
    where f.n = 1
  ), match as (
    select json_build_object('text', in_text, 'distance', (select b.distance from best b),
             'candidates', coalesce((select json_agg(json_build_object('id', f.generator_model_id,
               'make', f.make, 'model', f.model, 'distance', f.distance,
               'score', round(f.score::numeric, 3)) order by f.n) from found f), '[]')) as match
  )
  select coalesce(
    (select programme.generator_document(m, in_site, match.match)
     from best b join programme.generator_model m using (generator_model_id) where b.is_sure),
    programme.generator_unknown(null, null, match.match))
  from match
$$;
comment on function programme.compatibility_by_text(text, jsonb) is
  'The answer by free text: a verdict when it is sure which model is meant, else candidates.';

-- The answer by what somebody read on a label: columns of programme.generator_model, all optional.
create or replace function programme.compatibility_by_label(in_label jsonb, in_site jsonb)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select programme.generator_document(jsonb_populate_record(null::programme.generator_model,
    '{"source_type": "engine", "fuels": [], "running_w": [], "starting_w": [], "aliases": [],
      "field_evidence": {}}' || in_label || '{"generator_list_id": null, "generator_model_id": null}'), in_site)
$$;
comment on function programme.compatibility_by_label(jsonb, jsonb) is
  'The answer by what somebody read on a label.';
grant execute on function programme.generator_unknown(text, text, json),
  programme.compatibility_by_name(text, text, jsonb), programme.compatibility_by_text(text, jsonb),
  programme.compatibility_by_label(jsonb, jsonb) to bptm_http;
