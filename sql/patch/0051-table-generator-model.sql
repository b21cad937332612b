-- A generator, battery or vehicle on a list. A null is unknown, never no.
create table programme.generator_model (
  generator_model_id bigint generated always as identity primary key,
  generator_list_id bigint not null references programme.generator_list,
  make text not null check (length(make) between 1 and 60),
  model text not null check (length(model) between 1 and 60),
  source_type text not null check (source_type in ('engine', 'inverter', 'battery', 'vehicle')),
  fuels text[] not null,
  running_w integer[] not null,   -- per fuel, in the order of fuels; shorter or empty is unknown
  starting_w integer[] not null,
  l14_30r boolean,
  rated_a_240v numeric(5,1),
  neutral text check (neutral in ('floating', 'bonded', 'switchable')),
  gfci_on_240v boolean,
  co_shutoff boolean,
  carb boolean,
  evidence text not null
);
create unique index generator_model_name on programme.generator_model (generator_list_id, lower(make), lower(model));
create index generator_model_trgm on programme.generator_model using gin ((lower(make || ' ' || model)) gin_trgm_ops);
