-- Models of a list with a name that is a text, or one letter away from it: added, left out, replaced,
-- or swapped with its neighbour. Distance 0 or 1; what is not a letter or digit does not count. For
-- one text or many alike.
create or replace function programme.generator_near(in_generator_list_id bigint, in_texts text[])
returns table (text text, generator_model_id bigint, distance integer)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with asked as materialized (
    select t.text, k.key, programme.generator_variants(k.key) as variants
    from unnest(in_texts) t(text)
    cross join lateral (select left(programme.generator_key(t.text), 200)) k(key)
    where k.key <> ''
  ), name as materialized (
    select n.key, n.generator_model_id, v.variant
    from programme.generator_name n cross join lateral unnest(n.variants) v(variant)
    where n.generator_list_id = in_generator_list_id
      and n.variants && (select array_agg(v.variant) from asked cross join lateral unnest(asked.variants) v(variant))
  ), pair as materialized (
    select distinct a.text, a.key, n.key as name, n.generator_model_id
    from asked a
    cross join lateral unnest(a.variants) v(variant)
    join name n using (variant)
  )
  select p.text, p.generator_model_id, min((p.name <> p.key)::integer)
  from pair p
  where programme.levenshtein_less_equal(p.name, p.key, 1) <= 1
     or exists (select from generate_series(1, length(p.key) - 1) i
                where p.name = overlay(p.key placing substr(p.key, i + 1, 1) || substr(p.key, i, 1) from i for 2))
  group by p.text, p.generator_model_id
$$;
comment on function programme.generator_near(bigint, text[]) is
  'Models of a list with a name that is a text or one letter away from it.';
grant execute on function programme.generator_near(bigint, text[]) to bptm_http, bptm_job, bptm_import;
