-- Generators of the active list whose names look like a text, best first: those that programme
-- .generator_near finds, the exact ones before the others, then by trigrams, so that names with more
-- mistakes and parts of names are found, too. At most 50. distance is null beyond one letter.
drop function if exists programme.generator_search(text, integer);
create function programme.generator_search(in_text text, in_limit integer default 20)
returns table (generator_model_id bigint, make text, model text, source_type text, fuels text[],
               status text, verdict text, grade text, distance integer, score real)
language sql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
  with list as materialized (
    select l.generator_list_id from programme.generator_list l where l.active
  ), near as materialized (
    select n.generator_model_id, n.distance
    from list l cross join lateral programme.generator_near(l.generator_list_id, array[in_text]) n
  ), alike as materialized (
    select n.generator_model_id,
           max(greatest(similarity(n.name, lower(in_text)), word_similarity(lower(in_text), n.name))) as score
    from list l
    join programme.generator_name n using (generator_list_id)
    where n.name % lower(in_text) or lower(in_text) <% n.name
       or n.generator_model_id in (select near.generator_model_id from near)
    group by n.generator_model_id
  ), found as materialized (
    select m.*, n.distance, a.score
    from alike a
    join programme.generator_model m using (generator_model_id)
    left join near n using (generator_model_id)
    order by n.distance nulls last, a.score desc, m.make, m.model
    limit greatest(0, least(in_limit, 50))
  )
  select f.generator_model_id, f.make, f.model, f.source_type, f.fuels, f.status, a.verdict, a.grade,
         f.distance, f.score
  from found f
  join programme.generator_answer a using (generator_model_id)
  order by f.distance nulls last, f.score desc, f.make, f.model
$$;
comment on function programme.generator_search(text, integer) is
  'Generators of the active list whose names look like a text, best first; at most 50.';
grant execute on function programme.generator_search(text, integer) to bptm_http;
