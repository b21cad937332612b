-- A bulk run of one ruleset over all premises: the versions that its decisions rest on.
create table programme.screening (
  screening_id bigint generated always as identity primary key,
  ruleset_id bigint not null references programme.ruleset,
  zone_layer_ids bigint[] not null,
  circuit_list_ids bigint[] not null,
  generator_list_id bigint references programme.generator_list,
  decided_on date not null,
  premises bigint,
  common jsonb,                       -- what its decisions have in common: programme, ruleset, versions
  created_at timestamptz not null default now()
);
