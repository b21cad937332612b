-- A version of the list of circuits with one designation; its entries are in circuit_list_entry.
create table programme.circuit_list (
  circuit_list_id bigint generated always as identity primary key,
  designation text not null check (designation ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  version integer not null check (version > 0),
  source text not null check (length(source) between 1 and 200),
  state text not null check (state in ('draft', 'published')),
  active boolean not null default false,
  created_at timestamptz not null default now(),
  created_in xid8 not null default pg_current_xact_id(),
  unique (designation, version),
  constraint circuit_list_active_published check (not active or state = 'published')
);
create unique index circuit_list_active on programme.circuit_list (designation) where active;
comment on column programme.circuit_list.created_in is
  'The transaction that made or published it: one version for all that one transaction changes.';
