-- The loss ledger of the whole fleet, one row.
create or replace view analytics.loss_total as
select count(*) as devices, coalesce(sum(claimed), 0)::bigint as claimed,
       coalesce(sum(stored), 0)::bigint as stored, coalesce(sum(overwritten), 0)::bigint as overwritten,
       coalesce(sum(unaccounted), 0)::bigint as unaccounted,
       -- of all devices at once: looked up for each it takes as long as all the others together
       (select coalesce(sum(d.through), 0)::bigint
        from (select max(c.through_seq) as through from fleet.receipt c group by c.device_id) d) as receipted
from analytics.loss_ledger;
comment on view analytics.loss_total is 'The loss ledger of the whole fleet, one row.';
comment on column analytics.loss_total.unaccounted is 'claimed - stored - overwritten.';
comment on column analytics.loss_total.devices is 'Devices with a journal.';
comment on column analytics.loss_total.claimed is 'Records that the devices say they wrote.';
comment on column analytics.loss_total.stored is 'Records stored.';
comment on column analytics.loss_total.overwritten is 'Records that the devices declared overwritten.';
comment on column analytics.loss_total.receipted is 'Records that a receipt covers.';
grant select on analytics.loss_total to bptm_analyst, bptm_http;
