-- What a bulk run decided of one premise; rules are told from codes and facts (programme.rule_told).
create table programme.screening_decision (
  screening_id bigint not null references programme.screening,
  premise_id bigint not null references programme.premise,
  outcome text not null check (outcome in ('eligible', 'ineligible', 'in_review')),
  codes text[] not null,
  fact programme.fact not null,
  inputs_hash bytea not null check (length(inputs_hash) = 32),
  primary key (screening_id, premise_id)
);
