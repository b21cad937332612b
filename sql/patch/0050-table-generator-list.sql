-- A version of the compatible-generator list.
create table programme.generator_list (
  generator_list_id bigint generated always as identity primary key,
  version integer not null unique check (version > 0),
  source text not null,
  active boolean not null default false,
  imported_at timestamptz not null default now()
);
create unique index generator_list_active on programme.generator_list (active) where active;
