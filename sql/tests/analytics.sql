-- What analysts see: no personal data, documented columns, right sums.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(19);

create temporary view col as
select c.relname::text as view, a.attname::text as name, a.attnum, c.oid
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'analytics'::regnamespace;

select is_empty($$select view, name from col where name in ('name', 'email', 'phone', 'medical_baseline',
    'customer_id', 'account_id', 'number', 'account_number', 'address', 'postal_code', 'meter_number', 'serial', 'code',
    'premise_id', 'geom', 'generator_make', 'generator_model', 'label', 'payload', 'message', 'extra')$$,
  'no view has a column that names a person, an address or a meter');
select is_empty($$select d.refobjid::regclass from pg_depend d
  join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
  join pg_class v on v.oid = r.ev_class and v.relnamespace = 'analytics'::regnamespace
  join pg_class t on t.oid = d.refobjid and t.relnamespace in ('person'::regnamespace, 'access'::regnamespace)$$,
  'no view reads schema person or access');
select is_empty($$select relname from pg_class c where relnamespace = 'analytics'::regnamespace
  and obj_description(oid, 'pg_class') is null$$, 'every view says what it is');
select is_empty($$select relname from pg_class c where relnamespace = 'analytics'::regnamespace
  and relkind <> 'v'$$, 'the schema holds views only');

select is_empty($$select view, name from col where col_description(oid, attnum) is null$$, 'every column says what it is');
select ok((select rolconfig @> '{default_transaction_read_only=on,statement_timeout=60s}' from pg_roles where rolname = 'bptm_analyst'),
  'the role only reads, and not for ever');

-- coordinates: a home alone in its cell, and five in one
insert into programme.premise (code, address, city, postal_code, geom, meter_number)
values ('T-AN', 'Secret Road 1', 'Town', 'SECRET-12345', st_setsrid(st_point(-121.123456, 39.987654), 4326), 'SECRET-METER');
insert into programme.premise (code, address, city, postal_code, geom)
select 'T-AN' || n, 'Secret Road 1', 'Town', 'SECRET-12345', st_setsrid(st_point(-122.123456 + n * 0.0001, 39.987654), 4326)
from generate_series(1, 5) n;
insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, derived_at)
select 940, 1, premise_id, '2026-01-01 00:00Z', '2026-01-01 00:00Z', '2026-01-01 01:00:00.5Z', 'restored', 2, now()
from programme.premise where code = 'T-AN';
insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, start_quality, derived_at)
select 939, 1, premise_id, '2026-01-01 00:00Z', '2026-01-01 00:00Z', 2, now() from programme.premise where code = 'T-AN1';
select results_eq('select longitude, latitude, duration_ms, city from analytics.outage where device_id = 940',
  $$values (null::numeric, null::numeric, 3600500::bigint, 'Town')$$, 'a home that is alone in its cell has no place');
select results_eq('select longitude, latitude from analytics.outage where device_id = 939',
  $$values (-122.1200, 39.9900)$$, 'of homes that share a cell its middle is told');
delete from programme.premise where code = 'T-AN5';
select is((select longitude from analytics.outage where device_id = 939), null, 'four homes are too few');
update outage.disclosure set least = 4, decimals = 1;
select is((select longitude from analytics.outage where device_id = 939), -122.1000, 'how many, and how fine, is configuration');

-- every column of every view, searched for what only staff may know
insert into person.customer (name_box) values (convert_to('Secret Person, whose box this is not really', 'UTF8'));
insert into programme.account (number, premise_id, customer_id, kind)
select 'SECRET-ACCOUNT', p.premise_id, c.customer_id, 'residential' from programme.premise p, person.customer c
where p.code = 'T-AN' and c.name_box = convert_to('Secret Person, whose box this is not really', 'UTF8');
insert into fleet.device select 940, 'SECRET-940', min(model), 'A', 0, 'registered', now() from fleet.device_model;
insert into fleet.assignment (device_id, premise_id, assigned_from) select 940, premise_id, '2025-01-01Z' from programme.premise where code = 'T-AN';
create function pg_temp.leaks() returns setof text language plpgsql as $$
declare
  l record;
  l_found boolean;
begin
  set local role bptm_analyst;
  for l in select format('%I.%I', 'analytics', c.view) as view, format('%I', c.name) as name from pg_temp.col c loop
    execute format('select exists (select from %s v where v.%s::text ~* ''secret|536563726574|121[.]12345|39[.]98765|T-AN'')', l.view, l.name) into l_found;
    if l_found then
      return next l.view || '.' || l.name;
    end if;
  end loop;
  reset role;
end $$;
grant select on pg_temp.col to bptm_analyst;
select is_empty('select * from pg_temp.leaks()', 'no column of any view says a name, an address, a number or an exact place');
create view analytics.leak as select p.address as harmless from programme.premise p;
grant select on analytics.leak to bptm_analyst;
select results_eq('select * from pg_temp.leaks()', $$values ('analytics.leak.harmless')$$, 'the search finds one that would');
drop view analytics.leak;
select hasnt_column('analytics', 'outage', 'address', 'the address stays behind');

-- the loss ledger
insert into fleet.journal_head (device_id, head_hash, seen, overwritten, claimed_seq, stored, updated_at) values
  (941, sha256(''), '{[1,11)}', '{}', 10, 10, now()),                  -- all there
  (942, sha256(''), '{[1,4),[8,11)}', '{[4,8)}', 12, 6, now()),        -- four overwritten, two still out
  (943, sha256(''), '{[1,6)}', '{[4,9)}', 8, 5, now()),                -- overwritten and stored: counted once
  (944, sha256(''), '{}', '{}', 3, 0, now());                          -- nothing came yet
insert into fleet.receipt (device_id, epoch, through_seq, head_hash, issued_at, message) values
  (941, 1, 10, sha256(''), now(), ''), (942, 1, 2, sha256(''), now(), ''), (942, 2, 3, sha256(''), now(), '');
select results_eq('select device_id, claimed, stored, overwritten, receipted, unaccounted
    from analytics.loss_ledger where device_id between 941 and 944 order by 1',
  $$values (941::bigint, 10::bigint, 10::bigint, 0::bigint, 10::bigint, 0::bigint), (942, 12, 6, 4, 3, 2),
           (943, 8, 5, 3, 0, 0), (944, 3, 0, 0, 0, 3)$$, 'claimed - stored - overwritten, each counted once');
select results_eq('select devices, claimed, stored, overwritten, unaccounted, receipted from analytics.loss_total',
  'select count(*), sum(claimed)::bigint, sum(stored)::bigint, sum(overwritten)::bigint, sum(unaccounted)::bigint, sum(receipted)::bigint
   from analytics.loss_ledger', 'the total is the sum');

-- transfers
insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, delay_ms, hash)
select 941, k, '2026-03-01Z', '2026-03-01 00:01Z', case when k <> 8 then timestamptz '2026-03-01Z' end, 0, 1, k, 2, 5, ''
from generate_series(1, 9) k;
select results_eq('select seq, direction, at from analytics.transfer where device_id = 941 order by seq',
  $$values (6::bigint, 'to_generator', '2026-03-01Z'::timestamptz), (7, 'to_utility', '2026-03-01Z'), (8, 'failed', '2026-03-01 00:01Z')$$,
  'transfers and failures, by the device''s time or else the time of receipt');
select lives_ok('select * from analytics.device_health', 'the health of devices can be read');

-- as an analyst meets it: every column of every view, with a person behind the rows
insert into person.customer (name_box) values (convert_to('Zpersonal Name, whose box this is not really', 'UTF8'));
insert into programme.account (number, premise_id, customer_id, kind)
select 'ZPERSONAL-1', p.premise_id, c.customer_id, 'residential'
from programme.premise p, person.customer c where p.code = 'T-AN' and c.name_box = convert_to('Zpersonal Name, whose box this is not really', 'UTF8');
update programme.premise set meter_number = 'ZPERSONAL-2', code = 'ZPERSONAL-3', address = 'Zpersonal Road 1', postal_code = '98765'
where code = 'T-AN';
create function pg_temp.analyst_reads(out views integer, out columns integer, out told text) language plpgsql as $$
declare
  l_view record;
  l_text text;
begin
  views := 0; columns := 0; told := '';
  set local role bptm_analyst;
  for l_view in select c.oid::regclass as view, (select count(*)::integer from pg_attribute a where a.attrelid = c.oid and a.attnum > 0) as n
      from pg_class c where c.relnamespace = 'analytics'::regnamespace and has_table_privilege('bptm_analyst', c.oid, 'select') loop
    execute format('select string_agg(v::text, e''\\n'') from %s v', l_view.view) into l_text;
    views := views + 1; columns := columns + l_view.n;
    if l_text ~* 'zpersonal|5a706572736f6e616c|555 0111|98765|-121\.1234|39\.98765' then
      told := told || l_view.view || ' ';
    end if;
  end loop;
  reset role;
end $$;
select is((select told from pg_temp.analyst_reads()), '', 'no column of a view tells of a person, an address, a meter or a place');
select ok(views >= 6 and columns >= 40, format('%s columns of %s views were read', columns, views)) from pg_temp.analyst_reads();

select * from finish();
rollback;
