-- What every device says it wrote, against what is stored. `unaccounted` is the promise: zero once
-- the device has sent all it holds.
create or replace view analytics.loss_ledger as
select device_id, claimed, stored, overwritten, receipted, claimed - stored - overwritten as unaccounted
from (
  select h.device_id, h.claimed_seq as claimed, h.stored,
         (select coalesce(sum(upper(r.range) - lower(r.range)), 0)::bigint
          from unnest(h.overwritten - h.seen) r(range)) as overwritten,
         coalesce((select max(c.through_seq) from fleet.receipt c where c.device_id = h.device_id), 0)
           as receipted
  from fleet.journal_head h
) ledger;
comment on view analytics.loss_ledger is
  'Per device: records claimed, stored, declared overwritten, receipted and unaccounted for.';
comment on column analytics.loss_ledger.claimed is 'Highest sequence that the device says it wrote.';
comment on column analytics.loss_ledger.stored is 'Records stored.';
comment on column analytics.loss_ledger.overwritten is
  'Records that the device declared overwritten and that are not stored.';
comment on column analytics.loss_ledger.receipted is 'Highest sequence that a receipt covers.';
comment on column analytics.loss_ledger.unaccounted is 'claimed - stored - overwritten.';
comment on column analytics.loss_ledger.device_id is 'The device, by a number that stands nowhere else outside.';
grant select on analytics.loss_ledger to bptm_analyst, bptm_http;
