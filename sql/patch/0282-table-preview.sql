-- What would follow if drafts were in force: who moves in, who moves out. Nothing else is written;
-- programme.preview_publish puts them in force.
create table programme.preview (
  preview_id bigint generated always as identity primary key,
  programme_id bigint not null references programme.programme,
  ruleset_id bigint not null references programme.ruleset,           -- that would be in force
  ruleset_before_id bigint references programme.ruleset,             -- null: none was
  zone_layer_ids bigint[] not null,
  zone_layer_before_ids bigint[] not null,
  circuit_list_ids bigint[] not null,
  circuit_list_before_ids bigint[] not null,
  generator_list_id bigint references programme.generator_list,
  generator_list_before_id bigint references programme.generator_list,
  quota integer check (quota between 0 and 10000000),                -- of the season, if it were that
  decided_on date not null,
  counts jsonb not null default '{}',
  token_id uuid,
  role text not null,
  created_at timestamptz not null default now(),
  published_at timestamptz,
  decided_again bigint                                               -- applications, by the publication
);
