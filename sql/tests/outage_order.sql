-- Whatever order records come in, and however often they are derived meanwhile, the outages are the
-- same in the end.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(4);

-- a long journal with everything in it: flapping, a reboot, a failed transfer, a boot without a clock
create temporary table story (seq bigint, boot bigint, mono_s numeric, kind integer, since_ms bigint,
                              delay_ms bigint, quality smallint);
insert into story values
  (1, 1, 0, 1, null, null, 2), (2, 1, 100, 2, 5000, null, 2), (3, 1, 130, 4, 1000, null, 2),
  (4, 1, 140, 6, null, 45000, 2), (5, 1, 300, 3, 2000, null, 2), (6, 1, 310, 2, 3000, null, 2),
  (7, 1, 500, 3, 0, null, 2), (8, 1, 520, 7, null, 20000, 2), (9, 1, 5000, 6, null, 1, 2),
  (10, 1, 5300, 7, null, 1, 2), (11, 1, 9000, 2, 0, null, 2), (12, 2, 0, 1, null, null, 0),
  (13, 2, 20, 2, 19000, null, 0), (14, 2, 60, 8, null, null, 0), (15, 2, 90, 6, null, 70000, 0),
  (16, 2, 400, 3, 0, null, 0), (17, 2, 420, 7, null, 20000, 0), (18, 3, 0, 1, null, null, 2),
  (19, 3, 700, 2, 0, null, 2), (20, 3, 900, 3, 0, null, 2);
insert into fleet.journal_head (device_id, head_hash, stored, updated_at) values (930, sha256(''), 0, now());

create function pg_temp.put(in_seq bigint) returns void language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot,
                                    kind, quality, since_ms, delay_ms, setting_ms, hash)
  select 930, s.seq, '2026-03-01Z', timestamptz '2026-03-02Z' + s.boot * interval '1 day' + s.mono_s * interval '1 s',
         case when s.quality > 0 then timestamptz '2026-03-01Z' + s.boot * interval '1 day' + s.mono_s * interval '1 s' end,
         (s.mono_s * 1000)::bigint, s.boot, s.kind, s.quality, s.since_ms, s.delay_ms, 20000, '\x00'
  from story s where s.seq = in_seq
$$;
create function pg_temp.told() returns jsonb language sql as $$
  select jsonb_agg(to_jsonb(o) - 'outage_id' - 'derived_at' order by o.lost_seq) from outage.outage o where o.device_id = 930
$$;
-- Insert one by one in an order, deriving after each; told in the end, and the device left empty.
create function pg_temp.play(in_order bigint[]) returns jsonb language plpgsql as $$
declare
  l_seq bigint;
  l_told jsonb;
begin
  foreach l_seq in array in_order loop
    perform pg_temp.put(l_seq);
    perform outage.derive(array[930]);
  end loop;
  l_told := pg_temp.told();
  delete from fleet.journal_record where device_id = 930;
  delete from outage.derivation where device_id = 930;
  perform outage.derive(array[930]);
  return l_told;
end $$;

select setseed(0.25);
create temporary table straight as
select pg_temp.play(array(select seq from story order by seq)) as told;
select is((select jsonb_array_length(told) from straight), 4, 'the story has four outages');
select is(pg_temp.told(), null, 'without records there are no outages');
select is((select count(*) from generate_series(1, 12) g
           cross join lateral (select pg_temp.play(array(select seq from story order by random() + g * 0)) as told) p
           where p.told is distinct from (select told from straight)), 0::bigint,
  'twelve shuffles give the same outages as the order of writing');
select is(pg_temp.play(array(select seq from story order by seq desc)), (select told from straight),
  'the newest record first gives them too');

select * from finish();
rollback;
