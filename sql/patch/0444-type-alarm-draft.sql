-- A condition that deserves an alarm, as it is found.
create type outage.alarm_draft as (
  kind text, device_id bigint, subject text, since timestamptz, detail jsonb
);
