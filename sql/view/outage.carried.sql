-- How much of each outage of a home its generator carried. The time between the utility's return and the
-- transfer back, or the next loss, is on the generator too, but is not carried: the utility was there.
create or replace view outage.carried as
select o.outage_id, o.device_id, o.lost_seq, o.premise_id, o.circuit_id, o.started_at, o.ended_at, o.transferred_at,
       o.transfer_delay_ms, o.retransfer_delay_ms, o.retransfer_setting_ms, o.uncounted, t.total_ms, c.carried_ms,
       case when t.total_ms > 0 then c.carried_ms::double precision / t.total_ms end as share
from outage.outage o
cross join lateral (select floor(extract(epoch from o.ended_at - o.started_at) * 1000)::bigint as total_ms) t
cross join lateral (
  select greatest(0, least(o.on_generator_ms - coalesce(o.retransfer_delay_ms, 0), t.total_ms,
                           floor(extract(epoch from o.ended_at - o.transferred_at) * 1000)::bigint)) as carried_ms) c;
comment on view outage.carried is 'How much of each outage of a home its generator carried.';
grant select on outage.carried to bptm_http;
