-- By what premises and applications are judged together (programme.judged): rules, layers and lists, with a
-- number to tell them apart. A ruleset of null is the one in force.
create type programme.side as (
  n smallint,
  ruleset_id bigint,
  zone_layer_ids bigint[],
  circuit_list_ids bigint[],
  generator_list_id bigint
);
comment on type programme.side is 'Rules, layers and lists that are judged by.';
