-- Devices whose credentials the ledger ends, found by index; and those that were scrapped before it retired them.
-- locks: the ledger has some entries a device, and people write to it
create index custody_revokes on programme.custody (device_id, nth) where state in ('lost', 'stolen', 'scrapped');

update fleet.device d set state = 'retired'
where d.state = 'registered'
  and exists (select from programme.custody c where c.device_id = d.device_id and c.state = 'scrapped');
