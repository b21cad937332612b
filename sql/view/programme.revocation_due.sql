-- Devices that are to be cut off from the broker: by their last entry in the ledger, and not yet done for it.
create or replace view programme.revocation_due as
select c.device_id, c.nth, d.serial, c.state, c.recorded_at
from programme.custody c
join fleet.device d using (device_id)
where programme.custody_revokes(c.state)
  and not exists (select from programme.custody l where l.device_id = c.device_id and l.nth > c.nth)
  and not exists (select from programme.revocation r where r.device_id = c.device_id and r.nth = c.nth);
comment on view programme.revocation_due is 'Devices that the ledger wants cut off, and that are not yet.';
grant select on programme.revocation_due to bptm_http;
