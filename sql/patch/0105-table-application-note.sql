-- What staff note about an application; never changed. Free text may name people: hence this schema.
create table person.application_note (
  application_note_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  at timestamptz not null default now(),
  text text not null check (length(text) between 1 and 2000),
  token_id uuid,
  role text not null
);
create index application_note_application
  on person.application_note (application_id, application_note_id);
