-- Where in the network an interruption was when it began ('' is not known), when the chain of drops that
-- it belongs to began, and whether it counts.
alter table outage.outage
  add column circuit_id text not null default '',
  add column transformer_id text not null default '',
  add column chain_at timestamptz,
  add column uncounted text check (uncounted in ('field_work', 'exchange', 'drill'));
update outage.outage set chain_at = started_at;
alter table outage.outage alter column chain_at set not null;
create index outage_circuit on outage.outage (circuit_id, chain_at);
