// A database that was filled before its interruptions were partitioned is upgraded: nothing of it is lost, nothing is derived otherwise.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

const REMADE = 350; // the patch that makes the table of interruptions anew

let ctl, old, meant;
before(async () => { ctl = await Ctl.create(); });
after(() => ctl?.destroy());

/** Ten homes on two circuits of a substation, and what their meters wrote of five nights in four years. */
const filling = `
    insert into programme.circuit (circuit_id, name, substation) values ('UP1', 'One', 'UPSUB'), ('UP2', 'Two', 'UPSUB');
    insert into programme.transformer (transformer_id, segment_id) values ('UPT1', 'UPS1'), ('UPT2', 'UPS1');
    insert into fleet.device_model (model, maker, return_policy, led_colours) values ('UP-1', 'test', 'automatic', '{}') on conflict do nothing;
    insert into programme.premise (code, address, city, postal_code, geom)
    select 'UP-' || n, 'Road ' || n, case when n < 7 then 'Town' else 'Ville' end, '12345', st_setsrid(st_point(-121 + n * 0.001, 39), 4326) from generate_series(1, 10) n;
    insert into programme.premise_circuit (premise_id, circuit_id, valid_from)
    select premise_id, case when split_part(code, '-', 2)::integer < 7 then 'UP1' else 'UP2' end, '2020-01-01' from programme.premise where code like 'UP-%';
    insert into programme.premise_transformer (premise_id, transformer_id, valid_from)
    select premise_id, case when split_part(code, '-', 2)::integer < 4 then 'UPT1' else 'UPT2' end, '2020-01-01' from programme.premise where code like 'UP-%'
      and split_part(code, '-', 2)::integer < 7;
    insert into fleet.device select 7100 + split_part(code, '-', 2)::integer, 'UPGRADE-' || split_part(code, '-', 2), 'UP-1', 'A', 0, 'registered', now()
    from programme.premise where code like 'UP-%';
    insert into fleet.assignment (device_id, premise_id, assigned_from)
    select 7100 + split_part(code, '-', 2)::integer, premise_id, '2022-01-01Z' from programme.premise where code like 'UP-%';
    update fleet.assignment set assigned_to = '2026-03-01Z' where device_id in (7109, 7110); -- one goes on for another application, one is taken out and put in again
    insert into fleet.assignment (device_id, premise_id, assigned_from)
    select device_id, premise_id, case device_id when 7109 then assigned_to else '2026-04-01Z' end from fleet.assignment where device_id in (7109, 7110);
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, since_ms, delay_ms, setting_ms, hash)
    select 7100 + x.n, row_number() over (partition by x.n order by x.at, x.kind), x.at, x.at + interval '2 s', x.at, extract(epoch from x.at - timestamptz '2022-01-01Z') * 1000, 1,
           x.kind, 2, x.cause, 0, x.delay_ms, case when x.kind = 7 then 300000 end, sha256(x.n::text::bytea)
    from (
      select h.n, s.at + v.after + h.n * interval '7 s' as at, v.kind, v.cause, v.delay_ms
      from generate_series(1, 10) h(n)
      cross join (values (timestamptz '2022-03-01 08:00Z', 10), ('2023-05-01 12:00Z', 6), ('2023-12-31 23:50Z', 10), ('2024-06-01 02:00Z', 3), ('2025-11-02 08:30Z', 10),
                         ('2026-02-01 20:00Z', 8)) s(at, most)
      cross join (values (0, 1, '0 s', 1, null), (1, 2, '0 s', null, null), (1, 6, '30 s', null, 30000), (1, 3, '40 min', null, null), (1, 7, '45 min', 10, 300000), (1, 5, '46 min', null, null),
                         (2, 2, '50 min', null, null), (2, 3, '52 min', null, null), (3, 10, '60 min', 24, null)) w(at_least, kind, after_, cause, delay_ms)
      cross join lateral (select w.after_::interval as after, w.kind, w.cause, w.delay_ms) v
      where h.n <= s.most and case w.at_least when 0 then s.at < '2022-04-01Z' when 1 then s.at > '2022-04-01Z'
                              when 2 then s.at > '2022-04-01Z' and h.n in (2, 5, 8) else s.at > '2026-01-01Z' and h.n = 4 end
    ) x;
    insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at)
    select device_id, sha256(''), max(seq), count(*), max(received_at) from fleet.journal_record group by device_id`;

/** Everything that is derived, by the routines that the database has. */
async function derive() {
    await ctl.execute('select outage.derive(array(select device_id from fleet.journal_head))');
    for (const again of ['outage.derive_events(1000)', 'outage.derive_facts(1000)']) {
        await ctl.execute(`do $$ begin while ${again} > 0 loop null; end loop; end $$`);
    }
    await ctl.execute("select outage.count_served(); select outage.roll_up('meters', '2022-01-01', '2027-01-01')");
}

/** Tables and what tells their rows apart; the second list is what a derivation of the same may make otherwise. */
const entered = ['fleet.device_model', 'programme.circuit', 'programme.transformer', 'programme.premise', 'programme.premise_circuit', 'programme.premise_transformer', 'fleet.device',
    'fleet.assignment', 'fleet.journal_record', 'fleet.journal_head'];
const derived = ['outage.outage', 'outage.event', 'outage.event_member', 'outage.event_version', 'outage.derivation', 'outage.device_fact', 'outage.index_day'];
const later = ['outage.index_month', 'outage.served_span']; // made of these by later patches, and anew
const times = ['derived_at', 'revised_at', 'alarms_stored', 'from_seq', 'from_boot', 'from_anchor', 'places']; // and where a derivation goes on

const columns = async (table) => (await ctl.sql(`select attname as name from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped`)).map((c) => c.name);

/** All rows of some tables, in an order of their own. */
async function rows(tables, without = []) {
    const all = {};
    for (const table of tables) {
        const names = (await columns(table)).filter((name) => !without.includes(name));
        all[table] = await ctl.sql(`select ${names.join()} from ${table} t order by t::text`);
    }
    return all;
}

/** Rows of another database's tables into those of this one, with what columns they have. */
async function put(all) {
    for (const [table, list] of Object.entries(all)) {
        const names = (await columns(table)).join();
        const target = await ctl.file('rows.sql', `insert into ${table} (${names}) overriding system value
            select ${names} from json_populate_recordset(null::${table}, $json$${JSON.stringify(list)}$json$) on conflict do nothing;\n`);
        await ctl.ok(['run', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', ctl.database, '-f', target]);
    }
}

/** The schema as it was before a patch, with a view of then; objects of now need what came later. */
async function before_(number) {
    const dir = await ctl.schema('before');
    for (const name of await readdir(path.join(dir, 'patch'))) {
        if (Number(name.slice(0, 4)) >= number) {
            await rm(path.join(dir, 'patch', name));
        }
    }
    await rm(path.join(dir, 'grant'), { recursive: true });
    for (const folder of ['routine', 'view']) {
        for (const name of await readdir(path.join(dir, folder))) {
            await rm(path.join(dir, folder, name));
        }
    }
    await writeFile(path.join(dir, 'view/analytics.outage.sql'), `create or replace view analytics.outage as
        select o.outage_id, o.started_at, o.ended_at from outage.outage o;\ngrant select on analytics.outage to bptm_analyst;\n`);
    await writeFile(path.join(dir, 'order'), 'view/analytics.outage.sql\n');
    return dir;
}

test('a database of now is filled, and one of then is given its rows', async () => {
    await ctl.use('now');
    assert.equal((await ctl.run('db', 'upgrade')).code, 0);
    await ctl.execute(filling);
    await derive();
    const all = await rows([...entered, ...derived]);
    assert.ok(all['outage.outage'].length >= 40 && all['outage.event'].length >= 8, `${all['outage.outage'].length} interruptions, ${all['outage.event'].length} events`);
    meant = await rows(later);
    for (const table of [...derived, ...later]) {
        assert.ok((all[table] ?? meant[table]).length > 0, `${table} has rows`);
    }

    await ctl.use('then');
    const { code, stderr } = await ctl.run('db', 'upgrade', '--sql-dir', await before_(REMADE));
    assert.deepEqual([code, stderr.trim()], [1, 'bptmctl: db upgrade: partitions: relation "outage.outage_default" does not exist'], 'all but what the program of then did not do');
    await put(all);
    old = await rows([...entered, ...derived]);
    assert.deepEqual(Object.entries(old).map(([table, list]) => [table, list.length]), Object.entries(all).map(([table, list]) => [table, list.length]));
    await ctl.execute(`
        insert into outage.served_day select 'meters', '2026-02-01'::date + n, 'Town', 'UP1', 6 from generate_series(0, 2) n;
        insert into outage.event_due values ('UP1', '2026-02-01 20:00:07Z', '2026-02-01 20:40Z'), ('UP1', '2026-02-01 20:00:14Z', '2026-02-01 20:52Z'),
          ('UP1', '2026-02-01 21:10Z', '2026-02-01 21:20Z'), ('', '2026-02-01 20:00Z', 'infinity');
        insert into programme.programme (code, name, kind) values ('up-none', 'Without a season', 'free');
        insert into person.customer (name) values ('Up Grade');
        insert into programme.account (number, premise_id, customer_id, kind, moved_in)
        select 'UP-1', p.premise_id, c.customer_id, 'residential', '2022-01-01' from programme.premise p, person.customer c where p.code = 'UP-1' and c.name = 'Up Grade';
        insert into programme.application (programme_id, premise_id, account_id, generator_make, generator_model, owner_or_permission, access_agreed, survey_agreed, state, created_at)
        select g.programme_id, a.premise_id, a.account_id, 'Maker', 'G1', true, true, true, 'installed', '2024-03-01Z' from programme.programme g, programme.account a where g.code = 'up-none';
        insert into person.application_note (application_id, role, text) select application_id, 'enrolment', 'Old Note' from programme.application;
        insert into programme.document (application_id, kind, title, reference) select application_id, 'other', 'Letter of Up Grade', 'dms:1' from programme.application;
        insert into access.token (role, label, hash, expires_at) values ('installer', 'old', sha256('old'), now() + interval '1 day')`);
});

test('upgraded, it has every row that it had, each in the partition of its year', async () => {
    const { code, stdout, stderr } = await ctl.run('db', 'upgrade');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^applied patch\/0350-outage-by-year\.sql/m);
    const now = await rows([...entered, ...derived]);
    for (const [table, list] of Object.entries(old)) {
        const told = now[table].map((row) => Object.fromEntries(Object.keys(list[0]).map((name) => [name, row[name]])));
        const sorted = (rows_) => rows_.map((row) => JSON.stringify(row)).sort();
        assert.deepEqual(sorted(told), sorted(list.map((row) => Object.fromEntries(Object.keys(list[0]).map((name) => [name, row[name]])))), table);
    }
    assert.deepEqual(await ctl.sql(`select device_id, string_agg(nth || ' ' || action || ' ' || state || ' ' || to_char(since at time zone 'UTC', 'YYYY-MM'), ', ' order by nth) as entries
        from programme.custody where device_id in (7101, 7109, 7110) group by 1 order by 1`), [{ device_id: 7101, entries: '1 install premise 2022-01' }, { device_id: 7109, entries: '1 install premise 2022-01' },
        { device_id: 7110, entries: '1 install premise 2022-01, 2 remove returned 2026-03, 3 install premise 2026-04' }], 'the ledger begins with what the assignments say');
    assert.equal(await ctl.value('(select count(*) from programme.custody_disagreement)'), 0);
    assert.equal(await ctl.value('(select count(*) from outage.outage_default)'), 0);
    assert.deepEqual(await ctl.sql(`select tableoid::regclass::text as part, count(*) as n, min(extract(year from started_at)) as first, max(extract(year from started_at)) as last
        from outage.outage group by 1 order by 1`).then((list) => list.map((p) => [p.part, p.first === p.last && p.part === `outage.outage_y${p.first}`, p.n > 0])),
    ['2023', '2024', '2025', '2026'].map((year) => [`outage.outage_y${year}`, true, true]));
    const next = await ctl.value("nextval(pg_get_serial_sequence('outage.outage', 'outage_id'))");
    assert.ok(next > await ctl.value('(select max(outage_id) from outage.outage)'), 'new ids are new');
    assert.equal(await ctl.value("has_table_privilege('bptm_analyst', 'analytics.outage', 'select')"), true);
});

test('later patches hold with rows, too', async () => {
    assert.deepEqual(await ctl.sql("select circuit_id as c, from_at at time zone 'UTC' as since, to_at::text as till from outage.event_due order by 1, 2"), [
        { c: '', since: '2026-02-01T20:00:00', till: 'infinity' },
        { c: 'UP1', since: '2026-02-01T20:00:00', till: '2026-02-01 20:52:00+00' },
        { c: 'UP1', since: '2026-02-01T21:00:00', till: '2026-02-01 21:20:00+00' }]);
    assert.deepEqual(await rows(['outage.index_month']), { 'outage.index_month': meant['outage.index_month'] });
    assert.equal(await ctl.value("(select count(*) from outage.served_span where customers = 6 and from_day >= '2026-02-01' and to_day = from_day + 1)"), 3);
    assert.deepEqual(await ctl.sql("select y.season, y.reserved from programme.application a join programme.programme_year y using (programme_year_id)"), [{ season: 2024, reserved: 1 }]);
    assert.deepEqual(await ctl.sql("select crew from access.token where label = 'old'"), [{ crew: '*' }]);
});

test('a person that was stored in plain is sealed, and reads as before', async () => {
    assert.deepEqual(await ctl.sql('select name from person.unsealed'), [{ name: 'Up Grade' }]);
    const key = ctl.stack.file('secret/person.key');
    const { code, stdout, stderr } = await ctl.run('person-key', 'seal', key);
    assert.deepEqual([code, stdout], [0, '1 customers sealed\n1 notes sealed\n1 titles sealed\n'], stderr);
    assert.deepEqual(await ctl.sql('select (select count(*) from person.unsealed) + (select count(*) from person.unsealed_note) + (select count(*) from person.unsealed_document) as n'), [{ n: 0 }]);
    const dump = await ctl.ok(['run', 'pg_dump', '--data-only', '-d', ctl.database]);
    assert.ok(!/Up Grade|Old Note/.test(dump));
    assert.deepEqual((await ctl.run('person-key', 'seal', key)).stdout, '0 customers sealed\n0 notes sealed\n0 titles sealed\n');
    // opened for a comparison, it is what it was
    const file = await ctl.file('accounts.csv', 'number,premise_code,kind,customer_name\nUP-1,UP-1,residential,Up Grade\n');
    assert.match((await ctl.run('import', 'accounts', file)).stdout, /^1 rows, 0 new, 0 changed, 1 unchanged/);
});

test('derived anew from its journals it says the same', async () => {
    const said = await rows(derived, times);
    await ctl.execute('delete from outage.derivation');
    await derive();
    const again = await rows(derived, times);
    assert.deepEqual(again, said);
    assert.deepEqual(await rows(later), meant);
    assert.equal(await ctl.value('(select count(*) from outage.event_due)'), 0);
});

test('and a schema that was upgraded is the same as one of now', async () => {
    const dump = async () => (await ctl.ok(['run', 'pg_dump', '--schema-only', '--no-comments', '-d', ctl.database])).split('\n')
        .filter((line) => line && !/^(--|\\(un)?restrict)/.test(line));
    const upgraded = new Set(await dump());
    await ctl.use('now');
    assert.equal((await ctl.run('db', 'upgrade')).stdout, '0 applied, 3 partitions created\n', 'of 2023, 2024 and 2025');
    const now = new Set(await dump());
    assert.deepEqual([...now].filter((line) => !upgraded.has(line)), []);
    assert.deepEqual([...upgraded].filter((line) => !now.has(line)), []);
});
