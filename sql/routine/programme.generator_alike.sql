-- Generators of a list whose names look like a text, best first: those that programme.generator_near
-- finds, the exact ones before the others, then by trigrams, so that names with more mistakes and parts
-- of names are found, too. At most 50. distance is null beyond one letter. The first is surely meant
-- (is_sure) when its name is the text, or is alone one letter away from it, or, failing both, is much
-- more alike than the next.
create or replace function programme.generator_alike(in_generator_list_id bigint, in_text text, in_limit integer)
returns table (n bigint, generator_model_id bigint, make text, model text, distance integer, score real, is_sure boolean)
language sql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
  with near as materialized (
    select n.generator_model_id, n.distance
    from programme.generator_near(in_generator_list_id, array[in_text]) n
  ), alike as materialized (
    select n.generator_model_id,
           max(greatest(similarity(n.name, lower(in_text)), word_similarity(lower(in_text), n.name))) as score
    from programme.generator_name n
    where n.generator_list_id = in_generator_list_id
      and (n.name % lower(in_text) or lower(in_text) <% n.name
        or n.generator_model_id in (select near.generator_model_id from near))
    group by n.generator_model_id
  ), ordered as (
    select row_number() over best as n, m.generator_model_id, m.make, m.model, e.distance, a.score,
           lead(e.distance) over best as next_distance, lead(a.score) over best as next_score
    from alike a
    join programme.generator_model m using (generator_model_id)
    left join near e using (generator_model_id)
    window best as (order by e.distance nulls last, a.score desc, m.make, m.model)
  )
  select o.n, o.generator_model_id, o.make, o.model, o.distance, o.score,
         o.n = 1 and case when o.distance is not null then o.distance is distinct from o.next_distance
                          else o.score >= 0.5 and o.score >= coalesce(o.next_score, 0) + 0.1 end
  from ordered o
  order by o.n
  limit greatest(0, least(in_limit, 50))
$$;
comment on function programme.generator_alike(bigint, text, integer) is
  'Generators of a list whose names look like a text, best first; at most 50.';
grant execute on function programme.generator_alike(bigint, text, integer) to bptm_http, bptm_job, bptm_import;
