-- What proved that the device has a key that came after its first: api/journal.md, "A new key".
alter table fleet.device_key add column proof bytea;
