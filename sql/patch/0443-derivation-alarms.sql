-- Up to which state of its journal the alarms of a device are judged.
alter table outage.derivation add column alarms_stored bigint;
