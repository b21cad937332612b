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

-- How a text was understood, for an answer: the models of the active list that it may mean, best first.
create or replace function programme.compatibility_match(in_text text)
returns table (generator_model_id bigint, is_sure boolean, match json)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with found as materialized (
    select a.* from programme.generator_list l
    cross join lateral programme.generator_alike(l.generator_list_id, in_text, 5) a
    where l.active
  )
  select f.generator_model_id, coalesce(f.is_sure, false), json_build_object('text', in_text, 'distance', f.distance,
    'candidates', coalesce((select json_agg(json_build_object('id', c.generator_model_id, 'make', c.make,
      'model', c.model, 'distance', c.distance, 'score', round(c.score::numeric, 3)) order by c.n) from found c), '[]'))
  from (select 1) one left join found f on f.n = 1
$$;
comment on function programme.compatibility_match(text) is 'How a text was understood, for an answer.';

-- The answer by make and model on the active list, as programme.generator_meant understands them;
-- always one. Who does not give the list's own make and model is told how it was understood.
create or replace function programme.compatibility_by_name(in_make text, in_model text, in_site jsonb)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select programme.generator_document(m, in_site, case when not t.is_exact then
              (select c.match from programme.compatibility_match(in_make || ' ' || in_model) c) end)
     from programme.generator_list l
     cross join lateral programme.generator_meant(l.generator_list_id, in_make, in_model) t
     join programme.generator_model m using (generator_model_id)
     where l.active),
    programme.generator_unknown(in_make, in_model, null))
$$;
comment on function programme.compatibility_by_name(text, text, jsonb) is
  'The answer by make and model on the active list.';

-- The answer by free text. One model is taken for meant when it is sure; else the verdict is unknown
-- and the candidates are named, best first.
create or replace function programme.compatibility_by_text(in_text text, in_site jsonb)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select programme.generator_document(m, in_site, c.match)
     from programme.generator_model m where c.is_sure and m.generator_model_id = c.generator_model_id),
    programme.generator_unknown(null, null, c.match))
  from programme.compatibility_match(in_text) c
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
  programme.compatibility_match(text), programme.compatibility_by_name(text, text, jsonb), programme.compatibility_by_text(text, jsonb),
  programme.compatibility_by_label(jsonb, jsonb) to bptm_http;
