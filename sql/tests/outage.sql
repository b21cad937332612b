-- outage.derived and outage.derive: stories as records, told as rows.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(33);

insert into fleet.device_model values ('T-OUT', 'test', 'automatic', '{}');

-- One journal record: at `utc` seconds after noon when the clock is good.
create function pg_temp.rec(in_device bigint, in_seq bigint, in_kind integer, in_mono_s numeric,
                            in_since_ms bigint default 0, in_delay_ms bigint default null,
                            in_boot bigint default 1, in_quality smallint default 2,
                            in_received_s numeric default null)
returns void language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot,
                                    kind, quality, since_ms, delay_ms, setting_ms, hash)
  values (in_device, in_seq, '2026-03-01 00:00Z',
          timestamptz '2026-03-01 12:00Z'
            + coalesce(in_received_s, in_mono_s + 1000 * (in_boot - 1) + 5) * interval '1 s',
          case when in_quality > 0 then timestamptz '2026-03-01 12:00Z'
            + (in_mono_s + 1000 * (in_boot - 1)) * interval '1 s' end,
          (in_mono_s * 1000)::bigint, in_boot, in_kind, in_quality, in_since_ms, in_delay_ms,
          case when in_kind = 7 then 20000 end, '\x00')
$$;

-- What is derived of a device, as one line for each outage: seconds after noon.
create function pg_temp.told(in_device bigint) returns setof text language sql as $$
  select format('%s: %s to %s (%s), on generator %s s, transfers %s to %s, delays %s %s, failed %s, missing %s, clock %s',
    lost_seq, extract(epoch from started_at - timestamptz '2026-03-01 12:00Z')::numeric(12,1),
    coalesce(extract(epoch from ended_at - timestamptz '2026-03-01 12:00Z')::numeric(12,1)::text, '-'),
    coalesce(end_basis, 'open'), (on_generator_ms / 1000.0)::numeric(12,1),
    coalesce(extract(epoch from transferred_at - timestamptz '2026-03-01 12:00Z')::numeric(12,1)::text, '-'),
    coalesce(extract(epoch from returned_at - timestamptz '2026-03-01 12:00Z')::numeric(12,1)::text, '-'),
    coalesce(transfer_delay_ms::text, '-'), coalesce(retransfer_delay_ms::text, '-'),
    failed_transfers, missing, start_quality)
  from outage.derived(array[in_device]) order by lost_seq
$$;

-- the simple story
select pg_temp.rec(901, 1, 1, 0);
select pg_temp.rec(901, 2, 2, 100, 5000);
select pg_temp.rec(901, 3, 4, 130);
select pg_temp.rec(901, 4, 6, 140, 0, 45000);
select pg_temp.rec(901, 5, 3, 700, 2000);
select pg_temp.rec(901, 6, 7, 720, 0, 22000);
select is(array(select pg_temp.told(901)), array[
  '2: 95.0 to 698.0 (restored), on generator 580.0 s, transfers 140.0 to 720.0, delays 45000 22000, failed 0, missing 0, clock 2'],
  'a story from loss to return; the return delay belongs to the outage');
select is((select retransfer_setting_ms from outage.derived(array[901])), 20000::bigint,
  'the setting comes with the transfer back');

-- open, on the generator: counted to the last record
select pg_temp.rec(902, 1, 2, 100, 5000);
select pg_temp.rec(902, 2, 6, 140, 0, 45000);
select pg_temp.rec(902, 3, 9, 200);
select is(array(select pg_temp.told(902)), array[
  '1: 95.0 to - (open), on generator 60.0 s, transfers 140.0 to -, delays 45000 -, failed 0, missing 0, clock 2'],
  'an open outage is counted to the last record');

-- the generator is never started
select pg_temp.rec(903, 1, 2, 100);
select pg_temp.rec(903, 2, 3, 200);
select is(array(select pg_temp.told(903)), array[
  '1: 100.0 to 200.0 (restored), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 2'],
  'an outage without a generator');

-- flapping: lost again while still on the generator
select pg_temp.rec(904, 1, 2, 100);
select pg_temp.rec(904, 2, 6, 140, 0, 40000);
select pg_temp.rec(904, 3, 3, 300);
select pg_temp.rec(904, 4, 2, 310);
select pg_temp.rec(904, 5, 3, 500);
select pg_temp.rec(904, 6, 7, 530, 0, 30000);
select is(array(select pg_temp.told(904)), array[
  '1: 100.0 to 300.0 (restored), on generator 170.0 s, transfers 140.0 to -, delays 40000 -, failed 0, missing 0, clock 2',
  '4: 310.0 to 500.0 (restored), on generator 220.0 s, transfers - to 530.0, delays - 30000, failed 0, missing 0, clock 2'],
  'flapping: two outages share one stay on the generator, second by second');

-- failed transfers, then one that works; one after the story is not counted
select pg_temp.rec(905, 1, 2, 100);
select pg_temp.rec(905, 2, 8, 130);
select pg_temp.rec(905, 3, 8, 150);
select pg_temp.rec(905, 4, 6, 170, 0, 70000);
select pg_temp.rec(905, 5, 3, 300);
select pg_temp.rec(905, 6, 8, 320);
select pg_temp.rec(905, 7, 7, 330, 0, 30000);
select pg_temp.rec(905, 8, 8, 900);
select is(array(select pg_temp.told(905)), array[
  '1: 100.0 to 300.0 (restored), on generator 160.0 s, transfers 170.0 to 330.0, delays 70000 30000, failed 3, missing 0, clock 2'],
  'failed transfers are counted until the home is back');

-- the generator dies, the home goes to the dead utility, comes back, and the utility returns
select pg_temp.rec(906, 1, 2, 100);
select pg_temp.rec(906, 2, 6, 140, 0, 40000);
select pg_temp.rec(906, 3, 7, 200, 0, 0);
select pg_temp.rec(906, 4, 6, 260, 0, 160000);
select pg_temp.rec(906, 5, 3, 400);
select pg_temp.rec(906, 6, 7, 420, 0, 20000);
select is(array(select pg_temp.told(906)), array[
  '1: 100.0 to 400.0 (restored), on generator 220.0 s, transfers 140.0 to 420.0, delays 40000 20000, failed 0, missing 0, clock 2'],
  'two stays on the generator are added');

-- the same, and it stays dead: back before the end
select pg_temp.rec(907, 1, 2, 100);
select pg_temp.rec(907, 2, 6, 140, 0, 40000);
select pg_temp.rec(907, 3, 7, 200, 0, 0);
select pg_temp.rec(907, 4, 3, 400);
select is(array(select pg_temp.told(907)), array[
  '1: 100.0 to 400.0 (restored), on generator 60.0 s, transfers 140.0 to 200.0, delays 40000 -, failed 0, missing 0, clock 2'],
  'a transfer back before the end has no return delay');

-- a reboot in the dark: the second loss is the same outage
select pg_temp.rec(908, 1, 2, 100);
select pg_temp.rec(908, 2, 1, 0, in_boot => 2);
select pg_temp.rec(908, 3, 2, 10, 9000, in_boot => 2);
select pg_temp.rec(908, 4, 6, 50, 0, 40000, in_boot => 2);
select pg_temp.rec(908, 5, 3, 300, in_boot => 2);
select pg_temp.rec(908, 6, 7, 320, 0, 20000, in_boot => 2);
select is(array(select pg_temp.told(908)), array[
  '1: 100.0 to 1300.0 (restored), on generator 270.0 s, transfers 1050.0 to 1320.0, delays 40000 20000, failed 0, missing 0, clock 2'],
  'a reboot in the dark continues the outage');

-- a reboot on the generator: what is not told is not counted
select pg_temp.rec(909, 1, 2, 100);
select pg_temp.rec(909, 2, 6, 140, 0, 40000);
select pg_temp.rec(909, 3, 9, 240);
select pg_temp.rec(909, 4, 1, 0, in_boot => 2);
select pg_temp.rec(909, 5, 6, 40, 0, 40000, in_boot => 2);
select pg_temp.rec(909, 6, 3, 300, in_boot => 2);
select pg_temp.rec(909, 7, 7, 320, 0, 20000, in_boot => 2);
select is(array(select pg_temp.told(909)), array[
  '1: 100.0 to 1300.0 (restored), on generator 380.0 s, transfers 140.0 to 1320.0, delays 40000 20000, failed 0, missing 0, clock 2'],
  'a reboot on the generator ends the stay at the last record before it');

-- the device died in the dark and came up with the utility: the next loss shows that it had ended
select pg_temp.rec(910, 1, 2, 100);
select pg_temp.rec(910, 2, 1, 0, in_boot => 3);
select pg_temp.rec(910, 3, 2, 500, in_boot => 3);
select pg_temp.rec(910, 4, 3, 600, in_boot => 3);
select is(array(select pg_temp.told(910)), array[
  '1: 100.0 to 2000.0 (boot), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 2',
  '3: 2500.0 to 2600.0 (restored), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 2'],
  'an outage had ended when the device came up with the utility present');

-- records are missing between two losses: the first end is not known
select pg_temp.rec(911, 1, 2, 100);
select pg_temp.rec(911, 4, 2, 500);
select pg_temp.rec(911, 5, 3, 600);
select is(array(select pg_temp.told(911)), array[
  '1: 100.0 to - (unknown), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 2, clock 2',
  '4: 500.0 to 600.0 (restored), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 2'],
  'with records missing the end is not known, and says so');

-- the record of the transfer is missing: the rest stands
select pg_temp.rec(912, 1, 2, 100);
select pg_temp.rec(912, 3, 3, 300);
select pg_temp.rec(912, 4, 7, 320, 0, 20000);
select is(array(select pg_temp.told(912)), array[
  '1: 100.0 to 300.0 (restored), on generator 0.0 s, transfers - to 320.0, delays - 20000, failed 0, missing 1, clock 2'],
  'a missing record in the middle is counted');

-- a test transfer with the utility present belongs to no outage
select pg_temp.rec(913, 1, 2, 100);
select pg_temp.rec(913, 2, 3, 200);
select pg_temp.rec(913, 3, 6, 5000, 0, 10000);
select pg_temp.rec(913, 4, 7, 5600, 0, 20000);
select is(array(select pg_temp.told(913)), array[
  '1: 100.0 to 200.0 (restored), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 2'],
  'a transfer after the outage belongs to no outage');

-- no clock: the whole journal arrives late; monotonic time still gives the lengths
select pg_temp.rec(914, 1, 2, 100, 0, null, 1, 0::smallint, 9000);
select pg_temp.rec(914, 2, 6, 140, 0, 40000, 1, 0::smallint, 9000);
select pg_temp.rec(914, 3, 3, 300, 0, null, 1, 0::smallint, 9000);
select pg_temp.rec(914, 4, 7, 320, 0, 20000, 1, 0::smallint, 9001);
select is(array(select pg_temp.told(914)), array[
  '1: 8781.0 to 8981.0 (restored), on generator 180.0 s, transfers 8821.0 to 9001.0, delays 40000 20000, failed 0, missing 0, clock 0'],
  'without a clock the receipt bounds the time, and the lengths are right');

-- the same with an anchor of the boot
insert into fleet.device_boot values (915, 1, '2026-03-01 00:00Z', '2026-03-01 12:00:10Z');
select pg_temp.rec(915, 1, 2, 100, 0, null, 1, 0::smallint, 9000);
select pg_temp.rec(915, 2, 3, 300, 0, null, 1, 1::smallint, 9000);
select is(array(select pg_temp.told(915)), array[
  '1: 110.0 to 310.0 (restored), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 1'],
  'an anchor of the boot gives the time, before what the device estimates');

-- a time that could not be stored is no clock
select pg_temp.rec(917, 1, 2, 100, in_received_s => 200);
update fleet.journal_record set device_at = null where device_id = 917;
select is(array(select pg_temp.told(917)), array[
  '1: 200.0 to - (open), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 0'],
  'a synchronised record without a time is one without a clock');

-- a transfer to the utility that no transfer to the generator came before
select pg_temp.rec(918, 1, 2, 100);
select pg_temp.rec(918, 2, 3, 300);
select pg_temp.rec(918, 3, 7, 320, 0, 20000);
select is(array(select pg_temp.told(918)), array[
  '1: 100.0 to 300.0 (restored), on generator 0.0 s, transfers - to -, delays - -, failed 0, missing 0, clock 2'],
  'a transfer back without one away, and none missing, belongs to no outage');

-- a device that claims absurd numbers stops nobody
select pg_temp.rec(916, 1, 2, 100, 9223372036854775807, null);
update fleet.journal_record set mono_ms = 9223372036854775807, device_at = null, quality = 0
where device_id = 916;
select lives_ok('select * from outage.derived(array[916])', 'absurd times stop nobody');

-- by the assignment in force at the start
insert into programme.premise (code, address, city, postal_code, geom)
values ('T-O1', 'a', 'c', '1', st_setsrid(st_point(-121, 39), 4326)),
       ('T-O2', 'a', 'c', '1', st_setsrid(st_point(-121, 39), 4326));
insert into fleet.assignment (device_id, assigned_from, assigned_to, premise_id)
select 901, timestamptz '2026-01-01Z', timestamptz '2026-03-01 12:01:37Z', premise_id from programme.premise where code = 'T-O1'
union all
select 901, timestamptz '2026-03-01 12:01:37Z', null, premise_id from programme.premise where code = 'T-O2';
select is((select p.code from outage.derived(array[901]) d join programme.premise p using (premise_id)),
  'T-O1', 'the premise is that of the start');

-- derive: rows, again, and again after the journal changed
insert into fleet.journal_head (device_id, head_hash, stored, updated_at)
select d, sha256(''), 4, '2026-03-01'::timestamptz + (910 - d) * interval '1 s'
from unnest(array[903, 904, 911]) d;
select set_eq('select device_id from outage.pending(2)', 'values (911), (904)',
  'the devices that wait longest are pending');
select is(outage.derive(array[903, 904, 911]), 5::bigint, 'rows are inserted');
select is_empty('select device_id from outage.pending(1000000) where device_id in (903, 904, 911)',
  'what is derived is pending no more');
create temporary table first as select * from outage.outage where device_id in (903, 904, 911);
select pg_temp.rec(911, 2, 3, 200);
select pg_temp.rec(911, 3, 14, 250);
delete from fleet.journal_record where device_id = 904 and seq = 4;
select is(array[outage.derive(array[903]), outage.derive(array[904, 911])], array[0, 4]::bigint[],
  'nothing changes without a reason; one row goes, two change and one joins a chain when records say so');
select bag_eq('select o.outage_id, o.lost_seq, o.end_basis from outage.outage o where device_id in (904, 911)',
  $$select f.outage_id, f.lost_seq, 'restored' from first f where (device_id, lost_seq) in ((904, 1), (911, 1), (911, 4))$$,
  'an outage keeps its id, and the gap that closed gave it its end');

-- what is settled is not read again; the clock of its boot is kept
select pg_temp.rec(920, n, k, n * 100) from (values (1, 1), (2, 2), (3, 3), (4, 2), (5, 3)) v(n, k);
update fleet.journal_record set device_at = device_at - interval '1 s' where device_id = 920 and seq = 1;
insert into fleet.journal_head (device_id, head_hash, stored, updated_at) values (920, sha256(''), 5, '2026-03-01');
select outage.derive(array[920]::bigint[]);
select is((select array[from_seq, from_boot] from outage.derivation where device_id = 920), array[4, 1]::bigint[],
  'a loss before which all is there and over is settled');
delete from fleet.journal_record where device_id = 920 and seq < 4;
select pg_temp.rec(920, 6, 2, 600, in_quality => 0::smallint);
update fleet.journal_head set stored = 6 where device_id = 920;
select is(outage.derive(array[920]::bigint[]), 1::bigint, 'a new loss is one more outage');
select is((select array_agg(extract(epoch from started_at - timestamptz '2026-03-01 12:00Z')::integer order by lost_seq)
           from outage.outage where device_id = 920), array[200, 400, 599], 'by the clock of the first record of its boot');
update outage.derivation set stored = -1 where device_id = 920;
select is(outage.derive(array[920]::bigint[]), 3::bigint, 'derived anew it is read as a whole');

-- nor placed again, until homes or their places in the network are others than they were
select pg_temp.rec(921, n, k, n * 1000) from (values (1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 2), (7, 3)) v(n, k);
insert into fleet.journal_head (device_id, head_hash, stored, updated_at) values (921, sha256(''), 7, '2026-03-01');
select outage.derive(array[921]::bigint[]);
select is((select array_agg(d.lost_seq order by d.lost_seq) from outage.derived(array[921]) d), array[4, 6]::bigint[],
  'of what is settled only the chain that may go on is looked at');
insert into fleet.assignment (device_id, assigned_from, premise_id)
select 921, '2026-02-01Z', premise_id from programme.premise where code = 'T-O1';
select outage.derive(array[921]::bigint[]);
select is((select array_agg(p.code) from outage.outage o join programme.premise p using (premise_id) where o.device_id = 921),
  array['T-O1', 'T-O1', 'T-O1'], 'a device that is put down late has its outages at its home');
insert into programme.circuit (circuit_id, name, substation) values ('T-OC', 'T-OC', 'T-OS');
insert into programme.premise_circuit select premise_id, 'T-OC', '2026-01-01' from programme.premise where code = 'T-O1';
select is(outage.derive(array[921]::bigint[]), 3::bigint, 'and on the circuit that is told later');
select is(outage.derive(array[921]::bigint[]), 0::bigint, 'once');

select * from finish();
rollback;
