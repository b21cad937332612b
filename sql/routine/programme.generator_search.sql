-- Generators of the active list whose names look like a text, with their verdicts, as
-- programme.generator_alike has them.
drop function if exists programme.generator_search(text, integer);
create function programme.generator_search(in_text text, in_limit integer default 20)
returns table (generator_model_id bigint, make text, model text, source_type text, fuels text[],
               status text, verdict text, grade text, distance integer, score real)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select m.generator_model_id, m.make, m.model, m.source_type, m.fuels, m.status, r.verdict, r.grade,
         a.distance, a.score
  from programme.generator_list l
  cross join lateral programme.generator_alike(l.generator_list_id, in_text, in_limit) a
  join programme.generator_model m using (generator_model_id)
  join programme.generator_answer r using (generator_model_id)
  where l.active
  order by a.n
$$;
comment on function programme.generator_search(text, integer) is
  'Generators of the active list whose names look like a text, best first; at most 50.';
grant execute on function programme.generator_search(text, integer) to bptm_http;
