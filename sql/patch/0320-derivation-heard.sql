-- Up to when each device had been heard from when its outages were derived: what is known of the other
-- homes of an event changes when one of them is heard from, dark or not.
alter table outage.derivation add column heard_at timestamptz;
create index event_group on outage.event (element, started_at) where kind = 'group';
