-- A name as it is compared: letters and digits only, in small letters.
create or replace function programme.generator_key(in_name text)
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(lower(in_name), '[^[:alnum:]]+', '', 'g')
$$;
comment on function programme.generator_key(text) is 'A name as it is compared.';
grant execute on function programme.generator_key(text) to bptm_http, bptm_job, bptm_import;

-- A key, and the key with each one letter left out: two keys that are one letter apart, or that swap
-- two neighbours, have one in common.
create or replace function programme.generator_variants(in_key text)
returns text[]
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select array(select distinct overlay(in_key placing '' from i for 1)
               from generate_series(1, length(in_key) + 1) i)
$$;
comment on function programme.generator_variants(text) is
  'A key, and the key with each one letter left out.';
grant execute on function programme.generator_variants(text) to bptm_http, bptm_job, bptm_import;

-- Keep the names of a model. A full name or an alias that another model of its list has is a unique
-- violation of generator_name_unique.
create or replace function programme.generator_name_add(in_generator_model_id bigint)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into programme.generator_name (generator_list_id, key, generator_model_id, name, kind, variants)
  select distinct on (programme.generator_key(n.name))
         m.generator_list_id, programme.generator_key(n.name), m.generator_model_id, lower(n.name), n.kind,
         programme.generator_variants(programme.generator_key(n.name))
  from programme.generator_model m
  cross join lateral (
    select m.make || ' ' || m.model, 'full' union all
    select m.model, 'model' union all
    select a, 'alias' from unnest(m.aliases) a
  ) n(name, kind)
  where m.generator_model_id = in_generator_model_id and programme.generator_key(n.name) <> ''
  order by programme.generator_key(n.name), n.kind = 'model', n.kind = 'alias'
$$;
comment on function programme.generator_name_add(bigint) is 'Keep the names of a model.';
grant execute on function programme.generator_name_add(bigint) to bptm_http, bptm_import;
