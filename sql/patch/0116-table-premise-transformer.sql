-- Which transformer fed a premise, and when.
create table programme.premise_transformer (
  premise_id bigint not null references programme.premise,
  transformer_id text not null references programme.transformer,
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  primary key (premise_id, valid_from),
  exclude using gist (premise_id with =, daterange(valid_from, valid_to) with &&)
);
create index premise_transformer_transformer on programme.premise_transformer (transformer_id);
