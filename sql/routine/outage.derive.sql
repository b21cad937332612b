-- Recompute the outages of devices: rows are inserted, changed or deleted so that they are what
-- outage.derived says, with their place in the network; an outage keeps its id. One statement, so
-- records and head are of one moment; records that come meanwhile leave the device pending. What has
-- changed waits for its rollup (outage.index_due) and its events (outage.event_due): those that began while
-- a home was dark, since it was not lit then, and those since whose beginning it was not heard from before.
-- Reads distributed tables, as reports may.
-- Why an interruption is not the utility's and counts in no index (uncounted):
--   field_work  it began between the device's records field_work_start and field_work_end
--   exchange    it began or the device was taken out within 15 minutes of its assignment
--   drill       it began in a drill that was declared for its circuit
drop function if exists outage.exclusion(bigint, bigint, timestamptz, text);
create or replace function outage.derive(in_device_ids bigint[])
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with device as materialized (
    select * from outage.derive_from(in_device_ids)
  ), home as materialized (
    select distinct a.premise_id from fleet.assignment a where a.device_id = any (in_device_ids)
  ), on_circuit as materialized (
    select c.* from home join programme.premise_circuit c using (premise_id)
  ), on_transformer as materialized (
    select t.* from home join programme.premise_transformer t using (premise_id)
  ), derived as materialized (
    select p.device_id, p.lost_seq, p.premise_id, p.started_at, p.ended_at, p.end_basis, p.start_quality,
           p.on_generator_ms, p.transferred_at, p.returned_at, p.transfer_delay_ms, p.retransfer_delay_ms,
           p.retransfer_setting_ms, p.failed_transfers, p.missing, p.circuit_id, p.transformer_id,
           min(p.started_at) over (partition by p.device_id, p.chain) as chain_at,
           case when p.in_field_work then 'field_work'
                when exists (select from fleet.assignment a
                             where a.device_id = p.device_id
                               and (p.started_at >= a.assigned_from - interval '15 minutes'
                                      and p.started_at < a.assigned_from + interval '15 minutes'
                                    or p.started_at >= a.assigned_to - interval '15 minutes'
                                      and p.started_at < a.assigned_to + interval '15 minutes')) then 'exchange'
                when exists (select from outage.drill l
                             where tstzrange(l.starts_at, l.ends_at) @> p.started_at
                               and (l.circuit_id is null or l.circuit_id = p.circuit_id)) then 'drill'
           end as uncounted,
           p.is_settled, p.boot, p.anchor_at
    from (
      select d.*, coalesce(c.circuit_id, '') as circuit_id, coalesce(t.transformer_id, '') as transformer_id,
             count(*) filter (where d.is_first) over (partition by d.device_id order by d.lost_seq) as chain
      from (
        select o.*, coalesce(o.started_at - lag(o.ended_at) over w > r.rejoin, true) as is_first
        from outage.derived(in_device_ids) o cross join outage.derivation_rule r
        window w as (partition by o.device_id order by o.lost_seq)
      ) d
      left join on_circuit c on c.premise_id = d.premise_id
        and daterange(c.valid_from, c.valid_to) @> (d.started_at at time zone 'UTC')::date
      left join on_transformer t on t.premise_id = d.premise_id
        and daterange(t.valid_from, t.valid_to) @> (d.started_at at time zone 'UTC')::date
    ) p
  ), before as (
    select o.* from device d
    cross join lateral (select * from outage.outage o
                        where o.device_id = d.device_id and o.lost_seq >= d.kept_seq offset 0) o
  ), floor as (
    -- what was derived from records that retention has dropped stays as it is, and is not made again
    select max(r.gone_before) filter (where r.class = 'journal') as records,
           max(r.gone_before) filter (where r.class = 'interruptions') as outages
    from outage.retention r
  ), pair as materialized (
    -- what was and what is to be, in full beside each other, so that it is one hash join whatever the planner thinks
    select device_id, lost_seq, b.started_at as was_at,
           case when d.started_at is null then 'gone' when b.started_at is null then 'made'
                when (b.premise_id, b.started_at, b.ended_at, b.end_basis, b.start_quality, b.on_generator_ms, b.transferred_at,
                      b.returned_at, b.transfer_delay_ms, b.retransfer_delay_ms, b.retransfer_setting_ms, b.failed_transfers,
                      b.missing, b.circuit_id, b.transformer_id, b.chain_at, b.uncounted)
                     is distinct from
                     (d.premise_id, d.started_at, d.ended_at, d.end_basis, d.start_quality, d.on_generator_ms, d.transferred_at,
                      d.returned_at, d.transfer_delay_ms, d.retransfer_delay_ms, d.retransfer_setting_ms, d.failed_transfers,
                      d.missing, d.circuit_id, d.transformer_id, d.chain_at, d.uncounted) then 'revised' end as fate
    from before b full join derived d using (device_id, lost_seq)
  ), gone as (
    delete from outage.outage o
    using pair p cross join floor f
    where p.fate = 'gone' and o.device_id = p.device_id and o.lost_seq = p.lost_seq and o.started_at = p.was_at
      and o.started_at >= f.records
    returning o.device_id, o.lost_seq, o.premise_id, o.started_at, o.ended_at, o.end_basis, o.chain_at, o.circuit_id
  ), revised as (
    update outage.outage o
    set (premise_id, started_at, ended_at, end_basis, start_quality, on_generator_ms, transferred_at,
         returned_at, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms, failed_transfers,
         missing, circuit_id, transformer_id, chain_at, uncounted, derived_at)
      = (d.premise_id, d.started_at, d.ended_at, d.end_basis, d.start_quality, d.on_generator_ms, d.transferred_at,
         d.returned_at, d.transfer_delay_ms, d.retransfer_delay_ms, d.retransfer_setting_ms, d.failed_transfers,
         d.missing, d.circuit_id, d.transformer_id, d.chain_at, d.uncounted, now())
    from pair p
    join derived d on d.device_id = p.device_id and d.lost_seq = p.lost_seq
    where p.fate = 'revised' and o.device_id = p.device_id and o.lost_seq = p.lost_seq and o.started_at = p.was_at
    returning o.device_id, o.lost_seq, o.premise_id, o.started_at, o.ended_at, o.end_basis, o.chain_at, o.circuit_id
  ), made as (
    insert into outage.outage as o
      (device_id, lost_seq, premise_id, started_at, ended_at, end_basis, start_quality,
       on_generator_ms, transferred_at, returned_at, transfer_delay_ms, retransfer_delay_ms,
       retransfer_setting_ms, failed_transfers, missing, circuit_id, transformer_id, chain_at, uncounted,
       derived_at)
    select d.device_id, d.lost_seq, d.premise_id, d.started_at, d.ended_at, d.end_basis, d.start_quality,
           d.on_generator_ms, d.transferred_at, d.returned_at, d.transfer_delay_ms, d.retransfer_delay_ms,
           d.retransfer_setting_ms, d.failed_transfers, d.missing, d.circuit_id, d.transformer_id, d.chain_at, d.uncounted,
           now()
    from pair p
    join derived d on d.device_id = p.device_id and d.lost_seq = p.lost_seq
    cross join floor f
    where p.fate = 'made' and d.started_at >= f.outages
    order by d.device_id, d.lost_seq
    returning o.device_id, o.lost_seq, o.premise_id, o.started_at, o.ended_at, o.end_basis, o.chain_at, o.circuit_id
  ), kept as (
    select * from revised
    union all
    select * from made
  ), changed as (
    select * from gone
    union all
    select * from kept
    union all
    select b.device_id, b.lost_seq, b.premise_id, b.started_at, b.ended_at, b.end_basis, b.chain_at, b.circuit_id
    from before b join kept using (device_id, lost_seq)
  ), due as (
    -- an event may reach over midnight, so the days beside it are made anew as well
    insert into outage.index_due (source, day)
    select distinct s.code, (c.started_at at time zone s.time_zone)::date + n
    from changed c
    join outage.source s on s.kind = 'meters'
    cross join generate_series(-1, 1) n
    on conflict do nothing
    returning 1
  ), heard as materialized (
    -- from when until when each device is heard from by this; events are looked up device by device, since the
    -- planner takes them for few and would go through all of them for each
    select l.circuit_id, c.substation, a.assigned_from, coalesce(d.heard_at, '-infinity') as since, h.updated_at as till
    from fleet.journal_head h
    left join outage.derivation d on d.device_id = h.device_id
    join fleet.assignment a on a.device_id = h.device_id and a.device_id = any (in_device_ids)
    join on_circuit l on l.premise_id = a.premise_id
    join programme.circuit c on c.circuit_id = l.circuit_id
    where h.device_id = any (in_device_ids)
  ), stirred as (
    select x.circuit_id, c.chain_at as from_at,
           case when c.end_basis is null then 'infinity' else coalesce(c.ended_at, c.started_at) end as to_at
    from changed c
    cross join lateral (select c.circuit_id
                        union
                        select l.circuit_id from programme.premise_circuit l where l.premise_id = c.premise_id) x
    union all
    select h.circuit_id, e.started_at, e.started_at
    from heard h
    cross join lateral (select e.started_at from outage.event e
                        where e.circuit_id = h.circuit_id and e.kind = 'outage' and e.started_at >= h.assigned_from
                          and e.started_at > h.since and e.started_at <= h.till offset 0) e
    union all
    select h.circuit_id, e.started_at, e.started_at
    from heard h
    cross join lateral (select e.started_at from outage.event e
                        where e.element = h.substation and e.kind = 'group' and e.started_at >= h.assigned_from
                          and e.started_at > h.since and e.started_at <= h.till offset 0) e
  ), event_due as (
    insert into outage.event_due as d (circuit_id, from_at, to_at)
    select s.circuit_id, date_bin('1 hour', s.from_at, 'epoch'), max(s.to_at) from stirred s group by 1, 2
    on conflict (circuit_id, from_at) do update set to_at = excluded.to_at where excluded.to_at > d.to_at
    returning 1
  ), marked as (
    insert into outage.derivation (device_id, stored, derived_at, heard_at, from_seq, from_boot, from_anchor, places)
    select h.device_id, h.stored, now(), h.updated_at, coalesce(s.lost_seq, 1), s.boot, s.anchor_at, v.places
    from fleet.journal_head h
    join device v on v.device_id = h.device_id
    left join (select distinct on (d.device_id) d.* from derived d where d.is_settled
               order by d.device_id, d.lost_seq desc) s on s.device_id = h.device_id
    where h.device_id = any (in_device_ids)
    on conflict (device_id) do update
    set (stored, derived_at, heard_at, from_seq, from_boot, from_anchor, places)
      = (excluded.stored, excluded.derived_at, excluded.heard_at, excluded.from_seq, excluded.from_boot, excluded.from_anchor,
         excluded.places)
    returning 1
  )
  select (select count(*) from gone) + (select count(*) from kept)
$$;
comment on function outage.derive(bigint[]) is
  'Recompute the outages of devices; gives the number of rows that changed.';
grant execute on function outage.derive(bigint[]) to bptm_job;
