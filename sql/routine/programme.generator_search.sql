-- Generators of the active list whose make and model look like a text, best first: mistyped names
-- and parts of names are found. At most 50.
create or replace function programme.generator_search(in_text text, in_limit integer default 20)
returns table (generator_model_id bigint, make text, model text, source_type text, fuels text[],
               verdict text, grade text, score real)
language sql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
  with found as materialized (
    select m.generator_model_id, m.make, m.model, m.source_type, m.fuels,
           greatest(similarity(lower(m.make || ' ' || m.model), lower(in_text)),
                    word_similarity(lower(in_text), lower(m.make || ' ' || m.model))) as score
    from programme.generator_list l
    join programme.generator_model m using (generator_list_id)
    where l.active
      and (lower(m.make || ' ' || m.model) % lower(in_text)
           or lower(in_text) <% lower(m.make || ' ' || m.model))
    order by score desc, m.make, m.model
    limit greatest(0, least(in_limit, 50))
  )
  select f.generator_model_id, f.make, f.model, f.source_type, f.fuels, v.verdict, v.grade, f.score
  from found f
  join programme.generator_verdict((select array_agg(generator_model_id) from found)) v
    using (generator_model_id)
  order by f.score desc, f.make, f.model
$$;
comment on function programme.generator_search(text, integer) is
  'Generators of the active list whose make and model look like a text, best first; at most 50.';
grant execute on function programme.generator_search(text, integer) to bptm_http;
