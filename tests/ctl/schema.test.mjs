// bptmctl db: patches once and in order, objects again when they change, nothing by halves.
import assert from 'node:assert/strict';
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl;
before(async () => { ctl = await Ctl.create(); });
after(() => ctl?.destroy());

const applied = () => ctl.sql('select number, name, encode(sha256, \'hex\') as sha256 from migration.patch order by number');

test('an upgrade of an up-to-date database does nothing', async () => {
    const before = await applied();
    const again = await ctl.run('db', 'upgrade');
    assert.equal(again.stdout, '0 applied, 0 partitions created\n');
    assert.deepEqual(await applied(), before);
    assert.ok(before.length > 40);
});

test('the status lists every file as applied', async () => {
    const { code, stdout } = await ctl.run('db', 'status');
    const lines = stdout.trim().split('\n');
    assert.equal(code, 0);
    assert.ok(lines.every((line) => /^applied  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +\d+ ms  (patch|grant|routine|view)\//.test(line)), stdout);
    assert.ok(lines.length > 60);
});

test('of two upgrades at once one waits and then does nothing', async () => {
    await ctl.use('concurrent');
    const [a, b] = await Promise.all([ctl.run('db', 'upgrade'), ctl.run('db', 'upgrade')]);
    assert.deepEqual([a.code, b.code], [0, 0], a.stderr + b.stderr);
    const counts = [a, b].map(({ stdout }) => (stdout.match(/^applied patch/gm) ?? []).length).sort((x, y) => x - y);
    assert.deepEqual(counts, [0, (await applied()).length]);
});

test('the schema says the same whether it was upgraded once or twice', async () => {
    const dump = async () => (await ctl.ok(['run', 'pg_dump', '--schema-only', '--no-comments', '-d', ctl.database])).replace(/^\\(un)?restrict .*$/gm, '');
    const once = await dump();
    await ctl.run('db', 'upgrade');
    assert.equal(await dump(), once);
});

const refusals = [
    ['an edited patch', (dir) => appendFile(path.join(dir, 'patch/0013-table-device.sql'), '-- edited\n'),
        /patch\/0013-table-device\.sql: was edited after it was applied/, /^edited .* patch\/0013-table-device\.sql$/m],
    ['a renamed patch', (dir) => rename(path.join(dir, 'patch/0013-table-device.sql'), path.join(dir, 'patch/0013-table-devices.sql')),
        /patch\/0013-table-device\.sql: was edited after it was applied/, /^edited/m],
    ['a missing patch', (dir) => rm(path.join(dir, 'patch/0013-table-device.sql')),
        /patch\/0013-table-device\.sql: was applied and is not there/, /^missing .* patch\/0013-table-device\.sql$/m],
    ['a patch before the last one', (dir) => writeFile(path.join(dir, 'patch/0019-late.sql'), 'select 1;\n'),
        /patch\/0019-late\.sql: comes before a patch that is applied/, /^late .* patch\/0019-late\.sql$/m],
    ['two patches of one number', (dir) => writeFile(path.join(dir, 'patch/0013-other.sql'), 'select 1;\n'),
        /patch\/0013-table-device\.sql: has the number of another patch/, null],
    ['a patch without a number', (dir) => writeFile(path.join(dir, 'patch/new.sql'), 'select 1;\n'),
        /patch\/new\.sql: is not named NNNN-words\.sql/, null],
    ['an object that is not in the list', (dir) => writeFile(path.join(dir, 'view/x.sql'), 'select 1;\n'),
        /view\/x\.sql: is not in the list order/, null],
    ['an object of the list that is not there', (dir) => rm(path.join(dir, 'view/analytics.outage.sql')),
        /view\/analytics\.outage\.sql: No such file/, null],
    ['an object that is in the list twice', (dir) => appendFile(path.join(dir, 'order'), 'view/analytics.outage.sql\n'),
        /view\/analytics\.outage\.sql: is in the list order twice/, null],
];
for (const [what, change, message, status] of refusals) {
    test(`${what} is refused by name, and nothing is applied`, async () => {
        const dir = await ctl.schema(`refused-${refusals.findIndex((r) => r[0] === what)}`);
        await writeFile(path.join(dir, 'patch/0999-new.sql'), 'create table access.never (id bigint primary key);\n');
        await change(dir);
        const upgrade = await ctl.run('db', 'upgrade', '--sql-dir', dir);
        assert.equal(upgrade.code, 1);
        assert.match(upgrade.stderr, message);
        const listed = await ctl.run('db', 'status', '--sql-dir', dir);
        assert.equal(listed.code, 1);
        assert.match(listed.stderr, message);
        if (status) {
            assert.match(listed.stdout, status);
        }
        assert.equal(await ctl.value('to_regclass(\'access.never\')'), null);
    });
}

test('a patch that fails leaves nothing behind and names file and reason', async () => {
    const dir = await ctl.schema('failing');
    await writeFile(path.join(dir, 'patch/0998-good.sql'), 'create table access.good (id bigint primary key);\n');
    await writeFile(path.join(dir, 'patch/0999-bad.sql'), 'create table access.half (id bigint primary key);\nselect * from access.nothing;\n');
    const { code, stdout, stderr } = await ctl.run('db', 'upgrade', '--sql-dir', dir);
    assert.equal(code, 1);
    assert.match(stdout, /^applied patch\/0998-good\.sql in \d+ ms$/m);
    assert.match(stderr, /patch\/0999-bad\.sql: relation "access\.nothing" does not exist/);
    assert.equal(await ctl.value('to_regclass(\'access.half\')'), null);
    assert.deepEqual(await ctl.sql('select number from migration.patch where number >= 998'), [{ number: 998 }]);

    await writeFile(path.join(dir, 'patch/0999-bad.sql'), 'create table access.half (id bigint primary key);\n');
    const mended = await ctl.run('db', 'upgrade', '--sql-dir', dir);
    assert.equal(mended.stdout.split('\n')[0].replace(/\d+ ms/, 'N ms'), 'applied patch/0999-bad.sql in N ms');
    await ctl.execute('drop table access.half, access.good; delete from migration.patch where number >= 998');
});

test('a changed object is applied again with all that follow, in one transaction', async () => {
    const dir = await ctl.schema('changed');
    const order = (await readFile(path.join(dir, 'order'), 'utf8')).split('\n').filter((line) => line && !line.startsWith('#'));
    const name = 'routine/outage.derive.sql';
    await appendFile(path.join(dir, name), '-- changed\n');
    const pending = await ctl.run('db', 'status', '--sql-dir', dir);
    assert.deepEqual([pending.code, pending.stdout.match(/^pending .*$/gm).length], [0, 1]);
    const upgrade = await ctl.run('db', 'upgrade', '--sql-dir', dir);
    assert.deepEqual(upgrade.stdout.match(/^applied \S+/gm), order.slice(order.indexOf(name)).map((file) => `applied ${file}`));

    await appendFile(path.join(dir, 'routine/outage.derive.sql'), 'comment on schema outage is \'half\';\n');
    await appendFile(path.join(dir, 'view/analytics.outage.sql'), 'select nothing;\n');
    const failing = await ctl.run('db', 'upgrade', '--sql-dir', dir);
    assert.match(failing.stderr, /view\/analytics\.outage\.sql: column "nothing" does not exist/);
    assert.equal(await ctl.value('obj_description(\'outage\'::regnamespace)'), null);
    assert.equal((await ctl.run('db', 'upgrade')).code, 0);
});

test('partitions go from last month to two years ahead, and rows of the default one move', async () => {
    const list = () => ctl.sql(`select c.relname as name from pg_class c where c.relnamespace = 'fleet'::regnamespace
        and c.relispartition and c.relkind = 'r' and c.relname ~ 'y\\d{4}m\\d\\d$' order by 1`);
    const all = await list();
    const month = (n) => { const d = new Date(); return new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + n, 1)); };
    const name = (table, n) => `${table}_y${month(n).getUTCFullYear()}m${String(month(n).getUTCMonth() + 1).padStart(2, '0')}`;
    const wanted = ['journal_batch', 'journal_record'].flatMap((t) => Array.from({ length: 26 }, (_, i) => ({ name: name(t, i - 1) })));
    assert.deepEqual(all, wanted);

    const at = month(3).toISOString();
    await ctl.execute(`drop table fleet.${name('journal_record', 3)};
        insert into fleet.journal_record (device_id, seq, part_ts, received_at, mono_ms, boot, kind, quality, hash)
        select 1, n, timestamptz '${at}' + n * interval '9 days', now(), 0, 1, 2, 0, '' from generate_series(-1, 5) n`);
    assert.equal((await ctl.run('db', 'upgrade')).stdout, '0 applied, 1 partitions created\n');
    assert.deepEqual(await list(), all);
    assert.equal(await ctl.value(`(select count(*) from fleet.${name('journal_record', 3)})`), 4);
    assert.equal(await ctl.value('(select count(*) from fleet.journal_record_default)'), 0);
    assert.equal(await ctl.value('(select count(*) from fleet.journal_record)'), 7);
});

test('seeding twice changes nothing; a published ruleset that differs is refused', async () => {
    const state = () => ctl.sql(`select p.code, r.version, r.rules from programme.programme p
        left join programme.ruleset r using (programme_id) order by 1, 2`);
    assert.equal((await ctl.run('seed')).code, 0);
    const once = await state();
    assert.deepEqual(once.filter((r) => r.code === 'bptm').map((r) => r.version), [2021, 2022, 2023, 2025]);
    assert.equal((await ctl.run('seed')).code, 0);
    assert.deepEqual(await state(), once);
    assert.equal(await ctl.value('(select count(*) from fleet.device_model)'), 2);

    const dir = await ctl.schema('seeds');
    const file = path.join(dir, 'seed/programme.sql');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"max": 200', '"max": 400').replace("'bptm', 'Backup", "'other', 'Backup"));
    const { code, stderr } = await ctl.run('seed', '--sql-dir', dir);
    assert.equal(code, 1);
    assert.match(stderr, /seed\/programme\.sql: published ruleset bptm 2022 differs from the seed/);
    assert.deepEqual(await state(), once);
});

test('a patch may take longer than a request', async () => {
    await ctl.use('slow');
    const dir = await ctl.schema('slow');
    await writeFile(path.join(dir, 'patch/9990-slow.sql'), 'select pg_sleep(37);\n');
    const { code, stderr } = await ctl.run('db', 'upgrade', '--sql-dir', dir);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(await ctl.value('(select count(*) from migration.patch where number = 9990 and duration_ms > 36000)'), 1);
});
