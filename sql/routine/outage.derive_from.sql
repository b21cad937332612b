-- What a derivation of devices begins with. `from_seq` is the record that the journal is read from: the
-- last settled loss (outage.derived), with its boot and the anchor of that. Of the outages before it only
-- the chain that it may go on is looked at again, from `kept_seq` on; all of them, when the places that
-- they were given by (`places`, of a device's homes, circuits and transformers) have changed since.
create or replace function outage.derive_from(in_device_ids bigint[])
returns table (device_id bigint, from_seq bigint, from_boot bigint, from_anchor timestamptz, kept_seq bigint,
               places uuid)
language sql stable rows 10
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  with place as (
    select i.device_id, md5(string_agg(concat_ws(' ', a.premise_id, a.assigned_from, a.assigned_to, c, t), ';'
                                       order by a.assigned_from, c.valid_from, t.valid_from))::uuid as places
    from (select distinct u.device_id from unnest(in_device_ids) u(device_id)) i
    left join fleet.assignment a on a.device_id = i.device_id and a.device_id = any (in_device_ids)
    left join programme.premise_circuit c on c.premise_id = a.premise_id
    left join programme.premise_transformer t on t.premise_id = a.premise_id
    group by i.device_id
  ), device as (
    select p.device_id, p.places, d.from_boot, d.from_anchor, d.places is distinct from p.places as is_moved,
           case when d.stored >= 0 then d.from_seq else 1 end as from_seq
    from place p
    left join outage.derivation d on d.device_id = p.device_id and d.device_id = any (in_device_ids)
  )
  select d.device_id, d.from_seq, d.from_boot, d.from_anchor,
         case when d.is_moved then 0
              else coalesce((select min(o.lost_seq) from outage.outage o
                             where o.device_id = d.device_id and o.lost_seq < d.from_seq
                               and o.started_at >= l.chain_at and o.chain_at = l.chain_at), d.from_seq) end,
         d.places
  from device d
  left join lateral (select o.chain_at from outage.outage o
                     where o.device_id = d.device_id and o.lost_seq < d.from_seq
                     order by o.lost_seq desc limit 1) l on true
$$;
comment on function outage.derive_from(bigint[]) is 'What a derivation of devices begins with.';
grant execute on function outage.derive_from(bigint[]) to bptm_job;
