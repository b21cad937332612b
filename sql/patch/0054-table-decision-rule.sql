-- What each rule said in a decision, and why, in plain words.
create table programme.decision_rule (
  decision_id bigint not null references programme.decision,
  position smallint not null,
  code text not null,
  result text not null check (result in ('pass', 'fail', 'unknown', 'not_applicable')),
  evidence jsonb not null,
  sentence text not null,
  primary key (decision_id, position)
);
