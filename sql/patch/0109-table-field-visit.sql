-- What a crew found at the meter: the panel survey that decides whether the device can go in.
create table programme.field_visit (
  field_visit_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  appointment_id bigint references programme.appointment,
  visited_at timestamptz not null,
  crew text not null check (crew in ('utility', 'electrician')),
  licence text check (length(licence) between 1 and 40),  -- of the electrician
  socket_form text check (length(socket_form) between 1 and 8),
  panel_amps integer check (panel_amps between 1 and 4000),
  result text not null check (result in ('installable', 'rejected')),
  reason text check (length(reason) between 1 and 500),
  token_id uuid,
  role text not null,
  constraint field_visit_reason check (result = 'installable' or reason is not null),
  constraint field_visit_licence check (crew = 'utility' or licence is not null)
);
create index field_visit_application on programme.field_visit (application_id, field_visit_id);
