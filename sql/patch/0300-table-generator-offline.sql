-- A list of generators as one signed file (api/generators.md): whoever holds the list's key made it,
-- the server only hands it out. A list that is signed again by the same key replaces its row.
create table programme.generator_offline (
  generator_list_id bigint not null references programme.generator_list,
  public_key bytea not null check (octet_length(public_key) = 32),  -- Ed25519
  signed_at timestamptz not null,
  message bytea not null check (octet_length(message) between 1 and 8388608),
  primary key (generator_list_id, public_key)
);
