-- Every change of an application's state: who, when, why.
create table programme.application_event (
  application_event_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  at timestamptz not null default now(),
  action text not null,
  from_state text not null,
  to_state text not null,
  reason text,
  token_id uuid,
  role text not null           -- of the token, or the routine that acted
);
create index application_event_application
  on programme.application_event (application_id, application_event_id);
