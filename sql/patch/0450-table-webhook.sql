-- A subscriber of alarms and outage events: where its messages go, and how that has been going.
create table outage.webhook (
  webhook_id bigint generated always as identity primary key,
  url text not null check (url ~ '^https?://[^/?#@]+' and length(url) <= 500),
  description text not null check (length(description) between 1 and 120),
  types text[] not null constraint webhook_types check (
    cardinality(types) >= 1
    and types <@ array['alarm.raised', 'alarm.changed', 'alarm.acknowledged', 'alarm.cleared', 'outage_event.opened',
                       'outage_event.revised', 'outage_event.closed', 'outage_event.withdrawn']),
  enabled boolean not null default true,
  disabled_because text check (disabled_because in ('gone', 'failing', 'operator')),
  created_at timestamptz not null default now(),
  failing_since timestamptz,            -- the first failure since something was delivered
  dead_in_row integer not null default 0,  -- messages given up since
  claim bigint not null default 0,      -- counts who took its next message
  claimed_until timestamptz,            -- whoever took it last is at it until then
  check (enabled = (disabled_because is null))
);
