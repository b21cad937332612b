-- Where ledger and assignments say different things of a device: always empty, for both are written
-- in the same transaction. What only begins or ends later is not told yet.
create or replace view programme.custody_disagreement as
select coalesce(a.device_id, c.device_id) as device_id, a.premise_id as assigned_to, c.state,
       c.premise_id as told
from (select f.device_id, f.premise_id from fleet.assignment f where f.assigned_to is null) a
full join (select n.* from programme.custody_now n where n.state = 'premise') c using (device_id)
where a.premise_id is distinct from c.premise_id;
comment on view programme.custody_disagreement is 'Where the ledger and the assignments differ: nowhere.';
