-- Every write through the API: who, what, before and after. Personal data is named, not repeated.
create table access.audit (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  token_id uuid,                          -- null: an operator at the machine (bptmctl)
  role text not null,
  action text not null,                   -- 'application.create'
  object_id text not null,
  before jsonb,
  after jsonb,
  request_id text
);
create index audit_object on access.audit (action, object_id);
