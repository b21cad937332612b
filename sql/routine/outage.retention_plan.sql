-- What is older than its class is kept: partitions to be dropped, what is as old in the default partition
-- (records of a time for which there never was a partition), to be deleted, and the commands to be deleted
-- as one row without a partition. `held` says which holds forbid it.
create or replace function outage.retention_plan(in_at timestamptz)
returns table (class text, part text, from_at timestamptz, to_at timestamptz, held text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select r.class, p.part::text, p.from_at, p.to_at, outage.hold_on(p.part, p.from_at, p.to_at)
  from outage.retention r
  join lateral (
    select c.oid::regclass as part, b.bound[1]::timestamptz as from_at, b.bound[2]::timestamptz as to_at
    from (values ('journal', regclass 'fleet.journal_record'), ('journal', 'fleet.journal_batch'),
                 ('interruptions', 'outage.outage')) t(class, parent)
    join pg_inherits i on i.inhparent = t.parent
    join pg_class c on c.oid = i.inhrelid
    cross join lateral regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\) TO \(''([^'']+)''\)') b(bound)
    where t.class = r.class and b.bound is not null
  ) p on p.to_at <= in_at - r.keep
  union all
  select r.class, d.part::text, null, x.to_at, outage.hold_on(d.part, null, x.to_at)
  from outage.retention r
  cross join lateral (select date_trunc('month', in_at - r.keep, 'UTC') as to_at) x
  cross join lateral (
    select regclass 'fleet.journal_record_default' as part
    where r.class = 'journal' and exists (select from fleet.journal_record_default where part_ts < x.to_at)
    union all
    select 'fleet.journal_batch_default'
    where r.class = 'journal' and exists (select from fleet.journal_batch_default where part_ts < x.to_at)
    union all
    select 'outage.outage_default'
    where r.class = 'interruptions' and exists (select from outage.outage_default where started_at < x.to_at)) d
  union all
  select r.class, null, null, in_at - r.keep, null from outage.retention r where r.class = 'commands'
  order by 1, 4, 2
$$;
comment on function outage.retention_plan(timestamptz) is 'What retention would drop, and what forbids it.';
