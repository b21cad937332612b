-- When a crew is to come.
create table programme.appointment (
  appointment_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  purpose text not null check (purpose in ('survey', 'installation', 'removal')),
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  crew text check (length(crew) between 1 and 80),
  status text not null default 'planned' check (status in ('planned', 'done', 'missed', 'cancelled')),
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create index appointment_application on programme.appointment (application_id, appointment_id);
