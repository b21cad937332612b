-- A distribution transformer. Its id is text, like that of a circuit.
create table programme.transformer (
  transformer_id text primary key check (length(transformer_id) between 1 and 32)
);
