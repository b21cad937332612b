-- What somebody agreed to or declared for an application, under which terms; never changed. The
-- newest of each kind counts, and stands in programme.application for the eligibility rules.
create table programme.attestation (
  attestation_id bigint generated always as identity primary key,
  application_id bigint not null references programme.application,
  kind text not null check (kind in ('owner', 'owner_permission', 'access', 'survey',
                                     'medical_needs_not_compromised', 'medical_needs_met_in_shutoff')),
  agreed boolean not null,
  terms_version text check (length(terms_version) between 1 and 40),
  given_by text not null default 'customer'
    check (given_by in ('customer', 'owner', 'representative')),
  given_at timestamptz not null default now(),
  token_id uuid,               -- who entered it
  role text not null
);
create index attestation_application on programme.attestation (application_id, attestation_id);
