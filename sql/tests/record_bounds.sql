-- When a record can have been written: bounds from receipts, anchors and the order of boots.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(10);

-- times in seconds after 2026-03-01 12:00:00Z; a device clock only where it has one
create temporary table told (device_id bigint, seq bigint, boot bigint, up_s numeric, received_s numeric,
                             clock_s numeric);
insert into told values
  -- 940: boot 1 synchronised; boot 2 in the dark without a clock, reported later with boot 3
  (940, 1, 1, 10, 10.5, 10), (940, 2, 1, 100, 101, 100), (940, 3, 2, 50, 5000, null),
  (940, 4, 3, 5, 5000, null), (940, 5, 3, 20, 5016, 5015),
  -- 941: a clock that is a day ahead of the receipt
  (941, 1, 1, 10, 11, 86400),
  -- 942: no clock at all, a backlog received at once
  (942, 1, 1, 10, 1000, null), (942, 2, 1, 900, 1000, null),
  -- 943: claims to have run for longer than time arithmetic goes
  (943, 1, 1, 9e15, 10, null);
insert into fleet.device_boot (device_id, boot, part_ts, anchor_at)
select device_id, boot, min(timestamptz '2026-03-01 12:00Z' + received_s * interval '1 s'),
       min(timestamptz '2026-03-01 12:00Z' + (clock_s - up_s) * interval '1 s')
from told group by device_id, boot;
insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind,
                                  quality, hash)
select device_id, seq, '2026-03-01Z', timestamptz '2026-03-01 12:00Z' + received_s * interval '1 s',
       timestamptz '2026-03-01 12:00Z' + clock_s * interval '1 s', (up_s * 1000)::bigint, boot, 1,
       case when clock_s is null then 0 else 2 end, '\x00'
from told;

create function pg_temp.bounds(in_device_id bigint, in_seq bigint)
returns table (earliest_s numeric, latest_s numeric, is_suspect boolean) language sql as $$
  select round(extract(epoch from b.earliest_at - timestamptz '2026-03-01 12:00Z'), 2),
         round(extract(epoch from b.latest_at - timestamptz '2026-03-01 12:00Z'), 2), b.is_suspect
  from outage.record_bounds(in_device_id) b where b.seq = in_seq
$$;

select results_eq('select * from pg_temp.bounds(940, 1)', 'values (7.99, 10.5, false)',
  'its own clock and its own receipt bound it');
select results_eq('select * from pg_temp.bounds(940, 2)', 'values (97.99, 101.0, false)',
  'later in the same boot, the margin of the boot');
select results_eq('select * from pg_temp.bounds(940, 3)', 'values (147.99, 4997.0, false)',
  'a boot without a clock lies between the boots around it');
select results_eq('select * from pg_temp.bounds(940, 4)', 'values (4998.0, 5000.0, false)',
  'the clock that the boot got later bounds its first record too');
select results_eq('select * from pg_temp.bounds(941, 1)', 'values (null::numeric, 11.0, true)',
  'a clock ahead of the receipt is suspect, and anchors nothing');
select results_eq('select * from pg_temp.bounds(942, 1)', 'values (null::numeric, 112.09, false)',
  'without a clock a later record of the boot bounds an earlier one');
select results_eq('select * from pg_temp.bounds(942, 2)', 'values (null::numeric, 1000.0, false)',
  'and the receipt the last one');
select lives_ok('select * from outage.record_bounds(943)', 'an absurd claim is bounded');
select is((select count(*) from outage.record_bounds(944)), 0::bigint, 'no records, no bounds');
select is((select count(*) from told t where device_id = 940 and not exists (
             select from pg_temp.bounds(940, t.seq) b where b.earliest_s <= coalesce(t.clock_s, b.latest_s)
               and b.latest_s + 2 >= coalesce(t.clock_s, 0))), 0::bigint,
  'an honest clock is within its bounds');

select * from finish();
rollback;
