-- The names that a model is found by: as written in name, only their letters and digits in key, and
-- key with each one letter left out in variants, itself included: two texts that are one letter apart
-- have a variant in common. Filled by programme.generator_name_add.
create extension if not exists fuzzystrmatch schema programme;
create table programme.generator_name (
  generator_list_id bigint not null references programme.generator_list,
  key text not null check (length(key) between 1 and 200),
  generator_model_id bigint not null references programme.generator_model,
  name text not null,
  kind text not null check (kind in ('full', 'model', 'alias')),
  variants text[] not null,
  primary key (generator_list_id, key, generator_model_id)
);
-- a full name or an alias means one model; a model's name alone may stand for those of two makes
create unique index generator_name_unique on programme.generator_name (generator_list_id, key)
  where kind <> 'model';
create index generator_name_trgm on programme.generator_name using gin (name gin_trgm_ops);
create index generator_name_variants on programme.generator_name using gin (variants);
create index generator_name_model on programme.generator_name (generator_model_id);
drop index programme.generator_model_trgm;

insert into programme.generator_name (generator_list_id, key, generator_model_id, name, kind, variants)
select distinct on (m.generator_list_id, n.key, m.generator_model_id)
       m.generator_list_id, n.key, m.generator_model_id, n.name, n.kind,
       array(select distinct overlay(n.key placing '' from i for 1) from generate_series(1, length(n.key) + 1) i)
from programme.generator_model m
cross join lateral (
  select regexp_replace(v.name, '[^[:alnum:]]+', '', 'g') as key, v.name, v.kind
  from (values (lower(m.make || ' ' || m.model), 'full'), (lower(m.model), 'model')) v(name, kind)
) n
where n.key <> ''
order by m.generator_list_id, n.key, m.generator_model_id, n.kind
on conflict do nothing;
