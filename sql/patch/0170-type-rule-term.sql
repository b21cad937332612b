-- One rule of a ruleset, its parameters as columns (programme.rule_term makes it). `tests` has a bit
-- for each area test of the rule (programme.rule_test).
create type programme.rule_term as (
  ruleset_id bigint,
  "position" smallint,
  code text,
  kind text,
  allowed text[],
  least integer,
  most integer,
  must_be_active boolean,
  must_be_residential boolean,
  basis text,
  tests bigint
);
