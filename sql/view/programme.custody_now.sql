-- The last entry of each device in the ledger.
create or replace view programme.custody_now as
select c.device_id, c.nth, c.action, c.state, c.holder, c.premise_id, c.application_id, c.since,
       c.recorded_at, c.reason, c.token_id, c.role
from programme.custody c
where not exists (select from programme.custody l where l.device_id = c.device_id and l.nth > c.nth);
comment on view programme.custody_now is 'Where each device is: its last entry in the ledger.';
grant select on programme.custody_now to bptm_http;
