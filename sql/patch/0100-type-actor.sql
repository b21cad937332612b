-- Who acts, as routines that write their own audit rows are told.
create type access.actor as (
  token_id uuid,      -- null: an operator at the machine
  role text,
  request_id text
);
