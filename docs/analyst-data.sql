-- The data of docs/analyst.md: one March on two circuits. The test of the tutorial loads it into a
-- transaction that is rolled back; load it by hand only into a database of your own.
insert into programme.circuit (circuit_id, name) values ('OAK-1101', 'Oak'), ('PINE-2202', 'Pine');
insert into programme.premise (code, address, city, postal_code, geom)
select 'TUT-' || n, n || ' Ridge Road', case when n <= 12 then 'Oakville' else 'Pinegrove' end, '95000',
       st_setsrid(st_point(-120.8012 + case when n > 12 then 0.3 * n else 0.0002 * n end, 38.7), 4326)
from generate_series(1, 15) n;
insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
select premise_id, case when city = 'Oakville' then 'OAK-1101' else 'PINE-2202' end, '2020-01-01'
from programme.premise where code like 'TUT-%';
insert into fleet.device (device_id, serial, model, hardware_revision, bucket, state, registered_at)
select 990000 + n, 'TUT-' || n, (select min(model) from fleet.device_model), 'A', 0, 'registered', '2025-01-01Z'
from generate_series(1, 15) n;
insert into fleet.assignment (device_id, premise_id, assigned_from)
select 990000 + substr(code, 5)::integer, premise_id, '2025-01-01Z' from programme.premise where code like 'TUT-%';
-- A storm on 3 March: all of Oak for 3 hours and 10 minutes more for each home, generators after 8 s of
-- all but every fourth. A momentary on 10 March of Oak. One long outage in Pinegrove on 20 March.
insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality,
  on_generator_ms, transferred_at, returned_at, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms,
  failed_transfers, circuit_id, derived_at)
select 990000 + n, s.seq, p.premise_id, s.at, s.at, s.at + s.length, 'restored', 2,
       case when s.runs then extract(epoch from s.length - interval '8 s') * 1000 + 12000 else 0 end,
       case when s.runs then s.at + interval '8 s' end, case when s.runs then s.at + s.length + interval '12 s' end,
       case when s.runs then 8000 + 100 * n end, case when s.runs then 12000 end, case when s.runs then 12000 end,
       case when s.seq = 1 and n % 4 = 0 then 1 else 0 end, s.circuit, '2025-04-01Z'
from generate_series(1, 15) n
join programme.premise p on p.code = 'TUT-' || n
cross join lateral (
  select 1 as seq, timestamptz '2025-03-03 14:00Z' as at, interval '180 minutes' + n * interval '10 minutes' as length,
         n % 4 <> 0 as runs, 'OAK-1101' as circuit where n <= 12
  union all select 2, '2025-03-10 06:00Z', interval '40 seconds', false, 'OAK-1101' where n <= 12
  union all select 3, '2025-03-20 09:00Z', interval '10 hours', true, 'PINE-2202' where n = 13) s;
insert into outage.event (kind, level, element, circuit_id, started_at, ended_at, restored_at, customers, dark, served,
  lit, confidence, momentary, revised_at, centre)
values ('outage', 'circuit', 'OAK-1101', 'OAK-1101', '2025-03-03 14:00Z', '2025-03-03 19:00Z', '2025-03-03 18:40Z', 12, 0, 12,
        0, 1, false, '2025-04-01Z', st_setsrid(st_point(-120.7999, 38.7), 4326)),
       ('outage', 'circuit', 'OAK-1101', 'OAK-1101', '2025-03-10 06:00Z', '2025-03-10 06:00:40Z', '2025-03-10 06:00:40Z', 12, 0, 12,
        0, 1, true, '2025-04-01Z', st_setsrid(st_point(-120.7999, 38.7), 4326)),
       ('outage', 'premise', '13', 'PINE-2202', '2025-03-20 09:00Z', '2025-03-20 19:00Z', '2025-03-20 19:00Z', 1, 0, 3,
        2, 0.3, false, '2025-04-01Z', st_setsrid(st_point(-116.9012, 38.7), 4326));
select outage.roll_up('meters', '2025-03-01', '2025-04-01'), outage.count_served();
