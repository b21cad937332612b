-- What a utility did to its circuits and told its regulator: public safety power shutoffs (psps), fast
-- trips (epss). One row is one circuit, or a part of it, de-energised once. Times are as reported; the
-- circuit is as it was written, and, where an alias is known, as we call it.
create table outage.utility_event (
  utility_event_id bigint generated always as identity primary key,
  kind text not null check (kind in ('psps', 'epss')),
  utility text not null check (length(utility) between 1 and 40),
  event text not null check (length(event) between 1 and 80),       -- the utility's name of the whole
  circuit_text text not null check (length(circuit_text) between 1 and 120),
  circuit_key text not null check (length(circuit_key) between 1 and 120), -- as it is compared
  circuit_id text references programme.circuit,                     -- null: no circuit of ours
  out_at timestamptz not null,
  part smallint not null default 1 check (part > 0),                -- of several parts out at once
  restored_at timestamptz check (restored_at >= out_at),            -- null: not (yet) restored
  customers integer not null default 0 check (customers >= 0),
  residential integer check (residential >= 0),
  commercial integer check (commercial >= 0),
  medical_baseline integer check (medical_baseline >= 0),
  other integer check (other >= 0),
  tiers text[] not null default '{}',
  cause text not null default '' check (length(cause) <= 400),
  place text not null default '' check (length(place) <= 200),
  doubts text[] not null default '{}',                              -- what in the row did not agree
  imported_at timestamptz not null default now()
);
create unique index utility_event_key on outage.utility_event (kind, utility, event, circuit_key, out_at, part);
create index utility_event_circuit on outage.utility_event (circuit_id, out_at);
create index utility_event_time on outage.utility_event (out_at);
