-- A device taken out of a premise again.
create table programme.removal (
  removal_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  device_id bigint not null,
  removed_at timestamptz not null,
  reason text not null check (length(reason) between 1 and 500),
  condition text not null check (condition in ('good', 'damaged', 'lost')),
  token_id uuid,
  role text not null
);
create index removal_application on programme.removal (application_id, removal_id);
