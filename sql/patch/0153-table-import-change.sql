-- What an import would do, and after its commit did, to one object: only what differs.
create table person.import_change (
  import_id bigint not null references programme.import,
  row_no integer not null,
  action text not null check (action in ('create', 'update')),
  object_key text not null,             -- code, number or circuit
  target_id bigint,                     -- null: none yet, or the key is the id
  before jsonb,                         -- null: it is created
  after jsonb not null,
  primary key (import_id, row_no)
);
create index import_change_action on person.import_change (import_id, action, row_no);
comment on table person.import_change is 'Difference between a bulk import and what is stored.';
