-- A snapshot of one eligibility decision: which versions and inputs gave it.
create table programme.decision (
  decision_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  ruleset_id bigint not null references programme.ruleset,
  zone_layer_ids bigint[] not null,
  generator_list_id bigint references programme.generator_list,
  outcome text not null check (outcome in ('eligible', 'ineligible', 'in_review')),
  inputs jsonb not null,
  inputs_hash bytea not null check (length(inputs_hash) = 32),
  decided_at timestamptz not null default now()
);
create index decision_application on programme.decision (application_id, decision_id);
