-- What else a decision rests on and says. Decisions from before have no codes: their rules are in
-- decision_rule, as they are for every decision.
alter table programme.decision
  add column circuit_list_ids bigint[] not null default '{}',
  add column codes text[],
  add column is_near_boundary boolean not null default false;
comment on column programme.decision.codes is
  'Of each rule, in the order of the ruleset: pass, fail, unknown, not_applicable, with a reason after a slash; "near/" before it when a boundary is within the tolerance.';
