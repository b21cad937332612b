-- A reference to a document that another system keeps: an agreement, a photo, a permit.
create table programme.document (
  document_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  kind text not null check (kind in ('owner_permission', 'generator_photo', 'panel_photo', 'permit',
                                     'payment', 'licence', 'agreement', 'other')),
  title text not null check (length(title) between 1 and 120),
  reference text not null check (length(reference) between 1 and 500),
  sha256 bytea check (length(sha256) = 32),
  version integer not null default 1,
  received_at timestamptz not null default now()
);
create index document_application on programme.document (application_id, document_id);
