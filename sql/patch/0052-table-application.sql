-- A request to enrol a premise.
create table programme.application (
  application_id bigint generated always as identity primary key,
  programme_id bigint not null references programme.programme,
  premise_id bigint not null references programme.premise,
  account_id bigint not null references programme.account,
  generator_make text not null check (length(generator_make) between 1 and 60),
  generator_model text not null check (length(generator_model) between 1 and 60),
  owner_or_permission boolean not null,
  access_agreed boolean not null,
  survey_agreed boolean not null,
  medical_needs_not_compromised boolean,   -- the two acknowledgements of a Medical-Baseline customer
  medical_needs_met_in_shutoff boolean,
  prior_rebate boolean not null default false,
  state text not null default 'submitted'
    check (state in ('submitted', 'eligible', 'ineligible', 'in_review', 'installed', 'withdrawn')),
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create unique index application_live on programme.application (programme_id, premise_id)
  where state not in ('ineligible', 'withdrawn');
create index application_state on programme.application (state, application_id);
