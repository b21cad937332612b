-- The benefit of backup power, by small cases computed by hand.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(29);

-- Six homes: five on B1, one on B2; two applications name a generator of the list, one another.
delete from fleet.assignment; delete from outage.outage; delete from outage.derivation; delete from fleet.journal_head;
insert into fleet.device_model values ('T-BEN', 'test', 'automatic', '{}');
insert into programme.circuit (circuit_id, name) values ('B1', 'One'), ('B2', 'Two');
insert into programme.programme (code, name, kind) values ('t-ben', 'Benefit', 'free');
update programme.generator_list set active = false where active;
insert into programme.generator_list (version, source, active, state) values (902, 'test', true, 'published');
insert into programme.generator_model (generator_list_id, make, model, source_type, fuels, running_w, starting_w, evidence)
select generator_list_id, 'Maker', 'G7', 'engine', '{gasoline}', '{7500}', '{}', 'test' from programme.generator_list where version = 902;
select programme.generator_name_add(generator_model_id) from programme.generator_model where model = 'G7';
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-BE' || n, 'Road ' || n, case when n < 6 then 'Town' else 'Ville' end, '12345', st_setsrid(st_point(-121, 39), 4326) from generate_series(1, 6) n;
create temporary table home as select premise_id, right(code, 1)::integer as n from programme.premise where code like 'T-BE_';
insert into programme.premise_circuit (premise_id, circuit_id, valid_from) select premise_id, case when n < 6 then 'B1' else 'B2' end, '2020-01-01' from home;
insert into person.customer (blind, medical_baseline) select array[n], n in (1, 3, 6) from home;
insert into programme.account (number, premise_id, customer_id, kind, moved_in)
select 'T-BE' || n, premise_id, customer_id, 'residential', '2025-01-01' from home join person.customer on blind = array[n]::bigint[];
insert into programme.application (programme_id, premise_id, account_id, generator_make, generator_model, owner_or_permission, access_agreed, survey_agreed, state)
select p.programme_id, h.premise_id, a.account_id, 'MAKER', case when n < 3 then 'g-7' else 'none' end, true, true, true, 'installed'
from home h join programme.account a on a.number = 'T-BE' || n cross join programme.programme p where p.code = 't-ben' and n < 4;
insert into fleet.device select 9600 + n, 'BENEFIT-' || n, 'T-BEN', 'A', 0, 'registered', now() from home;
insert into fleet.assignment (device_id, premise_id, application_id, assigned_from)
select 9600 + n, h.premise_id, q.application_id, '2026-01-01Z' from home h left join programme.application q on q.premise_id = h.premise_id;

-- One record of home n, at a time of 1 March.
create function pg_temp.rec(in_n integer, in_at text, in_kind integer, in_cause integer default null, in_delay_s integer default null) returns void language sql as $$
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, since_ms, delay_ms, setting_ms, extra, hash)
  select 9600 + in_n, coalesce(max(r.seq), 0) + 1, '2026-03-01Z', '2026-03-02Z', d.at, extract(epoch from d.at - timestamptz '2026-03-01Z') * 1000,
         1, in_kind, 2, in_cause, 0, in_delay_s * 1000, case when in_kind = 7 then 20000 end,
         case when in_kind = 1 then jsonb_build_object('version', case when in_n < 4 then '1.0.0' else '1.1.0' end) end, '\x00'
  from (select ('2026-03-01 ' || in_at || 'Z')::timestamptz as at) d
  left join fleet.journal_record r on r.device_id = 9600 + in_n group by d.at
$$;
create function pg_temp.derive() returns void language plpgsql as $$
begin
  insert into fleet.journal_head (device_id, head_hash, stored, updated_at)
  select 9600 + n, sha256(''), (select count(*) from fleet.journal_record r where r.device_id = 9600 + n), now() from home
  on conflict (device_id) do update set stored = excluded.stored;
  perform outage.derive(array(select 9600 + n from home));
  while outage.derive_facts(4) > 0 loop null; end loop;
end $$;

select pg_temp.rec(n, '00:00', 1) from home order by n;
-- 1: dark for an hour, on the generator after a minute; it is shut down in time
select pg_temp.rec(1, '12:00', 2), pg_temp.rec(1, '12:01', 6, null, 60), pg_temp.rec(1, '13:00', 3), pg_temp.rec(1, '13:00:20', 7, 10, 20), pg_temp.rec(1, '13:05', 5);
-- 2: half of half an hour; the return five seconds late, the generator left running for 39:35
select pg_temp.rec(2, '12:00', 2), pg_temp.rec(2, '12:15', 6, null, 900), pg_temp.rec(2, '12:30', 3), pg_temp.rec(2, '12:30:25', 7, 10, 25), pg_temp.rec(2, '13:10', 5);
-- 3: three transfers that fail
select pg_temp.rec(3, '12:00', 2), pg_temp.rec(3, '12:02', 8, 21), pg_temp.rec(3, '12:04', 8, 21), pg_temp.rec(3, '12:06', 8, 27), pg_temp.rec(3, '12:40', 3);
-- 4: lost again while the return timer runs
select pg_temp.rec(4, '12:00', 2), pg_temp.rec(4, '12:02', 6, null, 120), pg_temp.rec(4, '12:20', 3), pg_temp.rec(4, '12:20:10', 2),
       pg_temp.rec(4, '12:50', 3), pg_temp.rec(4, '12:50:20', 7, 10, 20), pg_temp.rec(4, '12:52', 5);
-- 5: a test, an overload with its lock-out, a backfeed, and an outage in field work
select pg_temp.rec(5, '09:00', 6, null, 5), pg_temp.rec(5, '09:10', 7, 10, 20), pg_temp.rec(5, '09:11', 5), pg_temp.rec(5, '10:00', 9), pg_temp.rec(5, '10:01', 10, 26),
       pg_temp.rec(5, '10:02', 10, 24), pg_temp.rec(5, '10:03', 10, 23), pg_temp.rec(5, '14:00', 12), pg_temp.rec(5, '14:01', 2), pg_temp.rec(5, '14:30', 3), pg_temp.rec(5, '14:31', 13);
-- 6: nothing
select pg_temp.derive();
create function pg_temp.b(in_column text, in_by text[] default '{}', in_where text default 'true') returns text language plpgsql as $$
declare l_told text;
begin
  execute format('select string_agg(%s, %L) from outage.benefit(%L, %L, %L) b where %s', in_column, ' | ', '2026-03-01', '2026-03-02', in_by, in_where) into l_told;
  return l_told;
end $$;

select is(pg_temp.b($$format('%s: %s used, %s unused, of these %s in an outage', devices, used, unused, unused_in_outage)$$),
  '6: 4 used, 2 unused, of these 1 in an outage', 'devices never used in the season');
select is(pg_temp.b($$format('%s of %s, %s carried, %s covered', ended, outages, carried, covered)$$), '5 of 5, 4 carried, 3 covered', 'outages, without the one in field work');
select is(pg_temp.b('round(outage_minutes::numeric, 4)::text'), '179.8333', '60 + 30 + 40 + 20 + 29:50');
select is(pg_temp.b('round(carried_minutes::numeric, 4)::text'), '121.8333', '59 + 15 + 0 + 18 + 29:50: neither before the transfer nor after the return of the utility');
select is(pg_temp.b('round(share::numeric, 6)::text'), round(7310 / 10790.0, 6)::text, 'their share');
select is(pg_temp.b('share_p50::text'), '0.9', 'half of the outages were carried for nine tenths');
select results_eq($$select right(device_id::text, 1)::integer, round(share::numeric, 4) from outage.carried where uncounted is null and device_id between 9601 and 9606 order by 1, started_at$$,
  'values (1, 0.9833), (2, 0.5000), (3, 0.0000), (4, 0.9000), (4, 1.0000)', 'the share of each outage');
select is(pg_temp.b($$format('%s %s %s', transfer_p50, transfer_p90, transfer_max)$$), '120000 744000 900000', 'time to transfer: 60, 120 and 900 s');
select is(pg_temp.b($$format('%s %s, over %s at most %s, late %s', return_p50, return_p90, over_setting_p50, over_setting_max, late_returns)$$),
  '20000 24000, over 0 at most 5000, late 1', 'the return against its setting: 0, 0 and 5 s over');
select is(pg_temp.b($$format('%s %s', failed, failed_causes)$$), '3 {"21": 2, "27": 1}', 'failed transfers by cause');
select is(pg_temp.b($$format('%s for %s', left_running, round(left_running_minutes::numeric, 4))$$), '1 for 39.5833', 'a generator left running');
select is(pg_temp.b($$format('%s %s %s %s', overloads, lockouts, backfeeds, re_outages)$$), '1 1 1 1', 'overload, lock-out, backfeed, lost again during the return timer');

-- groups and filters
select is(pg_temp.b($$format('%s %s/%s', circuit_id, used, devices)$$, '{circuit}'), 'B1 4/5 | B2 0/1', 'by circuit, also where nothing happened');
select is(pg_temp.b($$format('%s %s %s', area, outages, devices)$$, '{area,month}'), 'Town 5 5 | Ville 0 1', 'by area and month');
select is(pg_temp.b($$format('%s: %s outages, %s covered', generator, outages, covered)$$, '{generator}'),
  ': 2 outages, 2 covered | Maker G7: 2 outages, 1 covered | not on the list: 1 outages, 0 covered', 'by generator, as the list names it');
select is(pg_temp.b($$format('%s: %s, %s failed', firmware, outages, failed)$$, '{firmware}', 'outages > 0'), '1.0.0: 3, 3 failed | 1.1.0: 2, 0 failed', 'by firmware');
select is(pg_temp.b($$format('%s: %s', programme, outages)$$, '{programme}'), ': 2 | t-ben: 3', 'by programme');
select is((select outages from outage.benefit('2026-03-01', '2026-03-02', in_generator => 'Maker G7', in_programme => 't-ben', in_model => 'T-BEN', in_firmware => '1.0.0')), 2::bigint, 'for one generator');
select is((select devices from outage.benefit('2026-03-02', '2026-03-03')), 6, 'a day without anything has its devices');
select is_empty($$select * from outage.benefit('2025-03-01', '2025-03-02')$$, 'and a day before them has none');

-- Medical Baseline customers in a shutoff: 1 and 3 are on its circuit; 6 is not, and others are no such customers
select is(pg_temp.b($$format('%s %s %s', medical, medical_carried, medical_covered)$$), '0 0 0', 'without a shutoff nobody is in one');
insert into outage.utility_event (kind, utility, event, circuit_text, circuit_key, circuit_id, out_at, restored_at)
values ('psps', 'U', 'March', 'ONE-1', 'one1', 'B1', '2026-03-01 11:55Z', '2026-03-01 13:00Z');
select is(pg_temp.b($$format('%s %s %s', medical, medical_carried, medical_covered)$$), '2 1 1', 'two in the shutoff, one covered');
update outage.utility_event set kind = 'epss';
select is(pg_temp.b('medical::text'), '0', 'a fast trip is no shutoff');

-- the generator that is still running by the last that is known, and what is not known
select pg_temp.rec(6, '15:00', 2), pg_temp.rec(6, '15:01', 6, null, 60), pg_temp.rec(6, '15:30', 3), pg_temp.rec(6, '15:30:20', 7, 10, 20);
select pg_temp.derive();
select is(pg_temp.b('left_running::text'), '2', 'one runs on by the last that is known');
select pg_temp.rec(6, '15:31', 14); select pg_temp.rec(6, '17:00', 5); delete from fleet.journal_record where device_id = 9606 and kind = 14;
select pg_temp.derive();
select is(pg_temp.b('left_running::text'), '1', 'not known when a record is missing between');

-- what analysts see
select results_eq($$select circuit_id, homes, outages, covered, carried_minutes, backfeeds from analytics.backup_benefit where month = '2026-03-01' and circuit_id like 'B_' order by 1$$,
  $$values ('B1', 5::bigint, 5::bigint, 3::bigint, 121.83, 1::bigint), ('B2', null, null, null, null, null)$$, 'a circuit of five homes, and nothing of one of a single home');
select results_eq($$select generator, firmware, homes from analytics.backup_benefit_model where model = 'T-BEN' order by 1, 2$$,
  $$values ('', '1.1.0', null::bigint), ('Maker G7', '1.0.0', null), ('not on the list', '1.0.0', null)$$, 'nothing of few homes with a generator');

-- who is erased is counted as before: what an erasure takes, no statistic reads
update outage.utility_event set kind = 'psps';
create temporary table counted as select to_jsonb(b) as b from outage.benefit('2026-03-01', '2026-03-02', '{area,circuit,programme,generator}') b;
create temporary table indexed as select to_jsonb(i) as i from outage.customer_indices('meters', '2026-03-01', '2026-03-02') i;
delete from person.person_key k using person.customer c where c.customer_id = k.customer_id and c.blind <@ array[1, 2, 3, 4, 5, 6]::bigint[];
update person.customer set name_box = null, email_box = null, phone_box = null, blind = null, erased_at = now() where blind <@ array[1, 2, 3, 4, 5, 6]::bigint[];
select set_eq($$select to_jsonb(b) from outage.benefit('2026-03-01', '2026-03-02', '{area,circuit,programme,generator}') b$$, $$select b from counted$$, 'the benefit stays as it was');
select set_eq($$select to_jsonb(i) from outage.customer_indices('meters', '2026-03-01', '2026-03-02') i$$, $$select i from indexed$$, 'and so do the indices');

select * from finish();
rollback;
