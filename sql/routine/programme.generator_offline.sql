-- The active list as the file of api/generators.md says it, before it is signed; no row when there is
-- none. What the rules say is not worked out on a device: it is the ready answer, or for an entry with
-- dates the answer of today or of the nearest day on which it counts, so that its dates alone decide.
create or replace function programme.generator_offline(in_signed_at timestamptz)
returns table (generator_list_id bigint, document json)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with judged as materialized (
    select m.*, j.verdict, j.grade, j.rules
    from programme.generator_list l
    join programme.generator_model m using (generator_list_id)
    left join programme.generator_answer a using (generator_model_id)
    cross join lateral (
      select a.generator_model_id is not null and m.valid_from is null and m.valid_to is null as is_ready,
             least(greatest(current_date, m.valid_from), m.valid_to - 1) as on_day
    ) d
    cross join lateral (
      select a.verdict, a.grade, (a.body::jsonb) -> 'rules' as rules where d.is_ready
      union all
      select r.* from programme.generator_judge(m, jsonb_build_object('on', d.on_day)) r where not d.is_ready
    ) j
    where l.active
  ), said as materialized (
    select j.generator_model_id, r.n, f.code, f.result, f.sentence,
           dense_rank() over (order by f.code, f.result, f.sentence) - 1 as place
    from judged j
    cross join lateral jsonb_array_elements(j.rules) with ordinality r(rule, n)
    cross join lateral jsonb_to_record(r.rule) f(code text, result text, sentence text)
  ), finding as (
    select json_agg(json_build_object('code', f.code, 'result', f.result, 'sentence', f.sentence)
                    order by f.place) as findings
    from (select distinct s.place, s.code, s.result, s.sentence from said s) f
  ), places as materialized (
    select s.generator_model_id, json_agg(s.place order by s.n) as places from said s group by 1
  ), model as (
    select json_agg(json_strip_nulls(json_build_object(
             'make', j.make, 'model', j.model, 'aliases', nullif(j.aliases, '{}'), 'verdict', j.verdict,
             'grade', j.grade, 'findings', p.places, 'source_type', j.source_type, 'fuels', j.fuels,
             'running_w', nullif(j.running_w, '{}'), 'neutral', j.neutral, 'valid_from', j.valid_from,
             'valid_to', j.valid_to)) order by j.make, j.model) as models
    from judged j join places p using (generator_model_id)
  )
  select l.generator_list_id, json_build_object(
    'format', 'bptm-generators/1', 'version', l.version,
    'published', (extract(epoch from l.published_at) * 1000)::bigint,
    'signed', (extract(epoch from in_signed_at) * 1000)::bigint, 'source', left(l.source, 200),
    'findings', coalesce(finding.findings, '[]'), 'models', coalesce(model.models, '[]'))
  from programme.generator_list l cross join finding cross join model
  where l.active
$$;
comment on function programme.generator_offline(timestamptz) is
  'The active list as its signed file says it, before it is signed.';
grant execute on function programme.generator_offline(timestamptz) to bptm_job;
