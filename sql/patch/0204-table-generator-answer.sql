-- The compatibility answer of each model of the active list, ready to be sent: the one implementation
-- of the rules wrote it when the list was published. Kept by programme.generator_answer_refresh.
create table programme.generator_answer (
  make text not null,                       -- in small letters
  model text not null,
  generator_model_id bigint not null,
  verdict text not null,
  grade text,
  body text not null,
  primary key (make, model),
  unique (generator_model_id)
);
