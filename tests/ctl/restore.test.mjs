// bptmctl backup and restore: what devices wrote after the backup comes back from their tails.
import assert from 'node:assert/strict';
import { chmod, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJournal } from '../kill-matrix/flash.mjs';
import { figure } from '../lib/figures.mjs';
import { Stack, until } from '../lib/stack.mjs';
import { app, installed } from './ctl.mjs';

const HOMES = 6, BUSY = 1; // the others write nothing after a restore: they hear of it by their status
let stack, serials, backup, tools;
delete process.env.BPTM_POSTGRES; // a database as it is where it is used: how long a restore takes is a figure

before(async () => {
    stack = await Stack.create();
    backup = stack.file('monday.backup');
    tools = stack.file('tools');
    const sim = ['--dir', stack.file('sim'), '--homes', String(HOMES)];
    await stack.command('run', path.join(app, 'bin/bptm-sim'), 'provision', ...sim, '--fleet-key', stack.fleetKey.toString('hex'),
        '--model', 'BPTM-REF-30', '--status_ms', '10000');
    await stack.command('run', 'sh', '-c', 'mkdir "$1"; echo "$2" >"$3"', 'sh', tools, String(HOMES), stack.file('sim/homes'));
    await stack.command('create'); // the broker learns the passwords
    await stack.command('ctl', 'import', 'devices', stack.file('sim/manifest.csv'));
    serials = (await stack.text('sim/manifest.csv')).trim().split('\n').slice(1).map((line) => line.split(',')[0]);
    await stack.start('mosquitto', 'bptmd', 'sim');
});
after(() => stack?.destroy());

// -- helpers --------------------------------------------------------------------------------------

/** Run bptmctl on a database: { code, stdout, stderr }; `environment` are NAME=VALUE. */
async function ctl(database, args, environment = []) {
    const conninfo = `host=${stack.file('sock')} dbname=${database} user=bptm_owner password='it''s \\\\ hunter2'`.replace("''", "\\'");
    try {
        const stdout = await stack.command('run', 'env', ...environment, path.join(app, 'bin/bptmctl'), '--database', conninfo, ...args);
        return { code: 0, stdout, stderr: '' };
    } catch (error) {
        return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
}

function psql(database, statement, user = 'postgres') {
    return stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-U', user, '-d', database, '-c', statement);
}

function create(database) {
    return stack.command('run', 'psql', '-Xq', '-v', `database=${database}`, '-d', 'postgres', '-f', path.join(installed, 'bootstrap.sql'));
}

async function exists(file) {
    return stat(file).then(() => true, () => false);
}

/** What every device has in its flash: { released, epoch, written, records }. */
function journals() {
    return Promise.all(serials.map(async (_, n) =>
        readJournal(await readFile(stack.file(`sim/home-${String(n + 1).padStart(5, '0')}.flash`)))));
}

/** Wait until every device holds a receipt of this epoch for all it wrote. */
function settled(epoch) {
    return until(`all is receipted in epoch ${epoch}`, async () => {
        const all = await journals();
        assert.ok(all.every((j) => j.written > 0 && j.released === j.written && j.epoch === epoch),
            JSON.stringify(all.map(({ released, written, epoch: known }) => ({ released, written, known }))));
        return all;
    }, 60);
}

/** The home writes 2 * n records. */
async function write(home, n) {
    for (let i = 0; i < n; i++) {
        await stack.control(`${home} field_work 600`, `${home} field_work 0`);
        await sleep(60);
    }
}

function stored(serial) {
    return stack.sql(`select seq::int, encode(hash, 'hex') as hash from fleet.journal_record r join fleet.device d using (device_id)
        where d.serial = '${serial}' order by 1`);
}

async function total() {
    return Number(await psql('bptm', 'select count(*) from fleet.journal_record'));
}

/** Everything in the flash is stored, once, with its hash; nothing is unaccounted for. */
async function allExactlyOnce(all) {
    for (const [n, serial] of serials.entries()) {
        const written = all[n].records.map(({ seq, hash }) => ({ seq, hash: hash.toString('hex') }));
        assert.equal(written[0].seq, 1, 'the whole journal is still in the flash');
        assert.deepEqual(await stored(serial), written, serial);
    }
    const [row] = await stack.sql(`select unaccounted::int, (select count(*)::int from fleet.journal_fork) as forks,
        (select count(*)::int from fleet.journal_gap where closed_at is null) as gaps, (select count(*)::int from fleet.quarantine) as quarantined
        from analytics.loss_total`);
    assert.deepEqual(row, { unaccounted: 0, forks: 0, gaps: 0, quarantined: 0 });
}

/** The database is lost and made anew from the backup; the epoch in force. */
async function replaceDatabase(...options) {
    await stack.stop('bptmd');
    await psql('postgres', 'drop database bptm');
    await create('bptm');
    const { code, stdout, stderr } = await ctl('bptm', ['restore', '--from', backup, ...options]);
    assert.equal(code, 0, stderr);
    return Number(/^restored 'bptm' from \S+, receipt epoch (\d+)\n$/.exec(stdout)[1]);
}

const epochOf = (database) => psql(database, 'select max(epoch) from fleet.receipt_epoch').then(Number);
const isClosed = async (database) => (await psql(database, 'show default_transaction_read_only', 'bptm_mqtt')).trim() === 'on';

/** A database for one test, with nothing in it. */
async function scratch(name) {
    await create(name);
    return name;
}

async function isEmpty(database) {
    const left = await psql(database, `select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics', 'migration')`);
    const schemas = await psql(database, "select string_agg(nspname, ',') from pg_namespace where nspname !~ '^pg_' order by 1");
    return left.trim() === '0' && !/fleet|migration|person/.test(schemas);
}

/** A pg_dump or pg_restore that does what the shell lines say; "$real" is the true one. */
async function meddle(name, lines) {
    const file = path.join(tools, name);
    await writeFile(file, `#!/bin/sh\nreal=/usr/bin/${name}\n${lines}\n`);
    await chmod(file, 0o755);
    return [`PATH=${tools}:/usr/bin:/bin`];
}

// -- backup -----------------------------------------------------------------------------------------

test('a backup is taken while homes report; only its owner reads it, and no password is on a command line', async () => {
    for (let home = 1; home <= HOMES; home++) {
        await write(home, 2);
    }
    await settled(1);
    const flow = write(BUSY, 30);
    const path_ = await meddle('pg_dump', `tr '\\0' '\\n' </proc/$$/cmdline >${tools}/arguments\nprintf %s "$PGPASSWORD" >${tools}/password\nexec "$real" "$@"`);
    const { code, stdout, stderr } = await ctl('bptm', ['backup', '--out', backup], path_);
    await flow;
    assert.equal(code, 0, stderr);
    const { mode, size } = await stat(backup);
    assert.equal(mode & 0o777, 0o600);
    assert.equal(stdout, `${size} bytes of 'bptm' in ${backup}\n`);
    assert.ok(!await exists(`${backup}.part`));
    assert.match(await stack.text('tools/arguments'), /--format=custom/);
    assert.doesNotMatch(await stack.text('tools/arguments'), /hunter2|password=/);
    assert.equal(await stack.text('tools/password'), "it's \\ hunter2");
});

test('an existing file, a leftover, a folder that is not there and an empty database are refused', async () => {
    const before = await readFile(backup);
    const again = await ctl('bptm', ['backup', '--out', backup]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /monday\.backup: File exists/);
    assert.ok(before.equals(await readFile(backup)));

    const other = stack.file('tuesday.backup');
    await writeFile(`${other}.part`, 'left');
    assert.match((await ctl('bptm', ['backup', '--out', other])).stderr, /tuesday\.backup\.part: File exists/);
    assert.equal(await readFile(`${other}.part`, 'utf8'), 'left');
    assert.ok(!await exists(other));

    assert.match((await ctl('bptm', ['backup', '--out', '/nowhere/file'])).stderr, /\/nowhere\/file\.part: No such file/);
    const empty = await scratch('nothing');
    assert.match((await ctl(empty, ['backup', '--out', stack.file('nothing.backup')])).stderr, /'nothing' has no schema 'fleet'/);
    for (const args of [['backup'], ['restore'], ['restore', '--reason', 'x']]) {
        assert.equal((await ctl('bptm', args)).code, 2);
    }
    assert.deepEqual((await readdir(stack.file(''))).filter((name) => /backup/.test(name)).sort(), ['monday.backup', 'tuesday.backup.part']);
});

test('a pg_dump that fails, and one that is not there, leave no file', async () => {
    const out = stack.file('wednesday.backup');
    const half = await ctl('bptm', ['backup', '--out', out], await meddle('pg_dump', '"$real" "$@" | head -c 5000; exit 1'));
    assert.deepEqual([half.code, half.stderr], [1, 'bptmctl: backup: pg_dump failed\n']);
    const none = await ctl('bptm', ['backup', '--out', out], ['PATH=/nowhere']);
    assert.match(none.stderr, /bptmctl: backup: pg_dump: No such file/);
    const killed = await ctl('bptm', ['backup', '--out', out], await meddle('pg_dump', 'kill -9 $$'));
    assert.match(killed.stderr, /pg_dump was ended by signal 9/);
    assert.ok(!await exists(out) && !await exists(`${out}.part`));
});

// -- restore ----------------------------------------------------------------------------------------

test('after the older backup is restored, devices send again what it does not have', async () => {
    const known = await total();
    for (let home = 1; home <= HOMES; home++) {
        await write(home, 5);
    }
    const before = await settled(1);
    await allExactlyOnce(before);
    assert.ok(await total() >= known + HOMES * 10, 'the backup is older');

    const from = Date.now();
    const epoch = await replaceDatabase('--reason', 'the disk of Monday');
    assert.ok(Math.abs(epoch - Date.now() / 1000) < 60, 'the epoch is the time');
    const [first] = serials;
    const had = (await stored(first)).length;
    assert.ok(had > 0 && had < before[0].written, `${had} of ${before[0].written} were restored`);
    assert.deepEqual((await stack.sql('select reason from fleet.receipt_epoch order by epoch')).map((r) => r.reason), ['first', 'the disk of Monday']);
    assert.equal(await isClosed('bptm'), false);

    await stack.start('bptmd');
    await write(BUSY, 3);
    await allExactlyOnce(await settled(epoch));
    figure('restore-minutes', (Date.now() - from) / 60_000);

    for (const [n, serial] of serials.entries()) {
        const { status, body } = await stack.request('GET', `/v1/devices/${serial}/journal`, { role: 'operator' });
        assert.equal(status, 200);
        assert.deepEqual(body.receipts.map((r) => r.epoch), [epoch, 1]);
        assert.ok(body.receipts[0].through >= before[n].written && body.receipts[0].through > body.receipts[1].through);
        assert.deepEqual(body.gaps.filter((gap) => gap.closed_at === null), []);
        const device = (await stack.request('GET', `/v1/devices/${serial}`, { role: 'operator' })).body;
        assert.equal(device.journal.stored, body.receipts[0].through);
    }
});

test('the same backup once more: the epoch is above those that it does not know', async () => {
    const lost = await epochOf('bptm');
    const all = await journals();
    const epoch = await replaceDatabase();
    assert.ok(epoch > lost, `${epoch} is above ${lost}`);
    assert.equal((await stack.sql('select reason from fleet.receipt_epoch order by epoch desc limit 1'))[0].reason, `restored from ${backup}`);
    await stack.start('bptmd');
    const now = await settled(epoch);
    assert.ok(now.every((j, n) => j.written >= all[n].written));
    await allExactlyOnce(now);
});

test('a restored database is the same as the one before: schema, rights and comments', async () => {
    const copy = await scratch('copy');
    const now = stack.file('now.backup');
    assert.equal((await ctl('bptm', ['backup', '--out', now])).code, 0);
    assert.equal((await ctl(copy, ['restore', '--from', now])).code, 0);
    const schema = async (database) => (await stack.command('run', 'pg_dump', '--schema-only', '-d', database)).replace(/^\\(un)?restrict .*$/gm, '');
    const [mine, theirs] = [await schema('bptm'), await schema(copy)];
    assert.match(mine, /ALTER DEFAULT PRIVILEGES .* REVOKE ALL ON FUNCTIONS/);
    assert.match(mine, /COMMENT ON FUNCTION/);
    assert.match(mine, /TO bptm_mqtt;/);
    assert.equal(theirs, mine);

    const status = await ctl(copy, ['db', 'status']);
    assert.equal(status.code, 0, status.stderr);
    assert.doesNotMatch(status.stdout, /^(pending|edited|missing|late)/m);
    const upgrade = await ctl(copy, ['db', 'upgrade']);
    assert.equal(upgrade.code, 0, upgrade.stderr);
    assert.match(upgrade.stdout, /^0 applied, 0 partitions created\n$/);
    const later = stack.file('later');
    await stack.command('run', 'cp', '-r', installed, later);
    await writeFile(path.join(later, 'patch/9999-later.sql'), 'create table fleet.later (later_id bigint primary key);\n', { mode: 0o644 });
    const next = await ctl(copy, ['db', 'upgrade', '--sql-dir', later]);
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stdout, /^applied \S*9999-later\S* in \d+ ms\n1 applied/);
});

test('a database that is not empty is refused, by the name of its schema', async () => {
    const before = [await total(), await epochOf('bptm')];
    const { code, stderr } = await ctl('bptm', ['restore', '--from', backup]);
    assert.equal(code, 1);
    assert.equal(stderr, "bptmctl: restore: the database 'bptm' is not empty: it has the schema 'fleet'\n");
    assert.ok(await total() >= before[0]);
    assert.equal(await epochOf('bptm'), before[1]);
    assert.equal(await isClosed('bptm'), false);

    const other = await scratch('other');
    await psql(other, 'create schema billing');
    assert.match((await ctl(other, ['restore', '--from', backup])).stderr, /'other' is not empty: it has the schema 'billing'/);
});

test('a database in use is refused, with who uses it', async () => {
    const used = await scratch('used');
    const other = psql(used, 'select pg_sleep(30)', 'bptm_http').catch(() => {});
    await until('the session', async () => (await psql('postgres', "select count(*) from pg_stat_activity where datname = 'used'")).trim() === '1');
    const { code, stderr } = await ctl(used, ['restore', '--from', backup]);
    assert.deepEqual([code, stderr], [1, "bptmctl: restore: the database 'used' is in use by bptm_http; nothing was restored\n"]);
    await psql('postgres', "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'used'");
    await other;
    assert.ok(await isEmpty(used) && !await isClosed(used));
});

test('a file that is missing, cut anywhere, or something else restores nothing; then the good one is taken', async () => {
    const database = await scratch('cut');
    const { size } = await stat(backup);
    const bad = stack.file('bad.backup');
    const refused = async (message) => {
        const { code, stderr } = await ctl(database, ['restore', '--from', bad]);
        assert.equal(code, 1);
        assert.match(stderr, message);
        assert.ok(await isEmpty(database), 'nothing is left');
        assert.equal(await isClosed(database), false);
    };
    await refused(/could not open input file.*bad\.backup.*\n.*pg_restore failed/);
    for (const length of [0, 3, 200, Math.floor(size / 2), Math.floor(size * 0.9), size - 1]) {
        await stack.command('run', 'cp', backup, bad);
        await truncate(bad, length);
        await refused(/pg_restore failed/);
    }
    await writeFile(bad, 'select 1;\n');
    await refused(/pg_restore failed/);
    await rm(bad);
    await stack.command('run', 'pg_dump', '-Fc', '-d', 'postgres', '-f', bad);
    await refused(/bad\.backup: is no backup of a fleet: it has no schema 'fleet'/);

    const { code, stderr } = await ctl(database, ['restore', '--from', backup]);
    assert.equal(code, 0, stderr);
    assert.equal(await isClosed(database), false);
});

test('what is to be restored into has its extensions from bootstrap.sql, else it says which is missing', async () => {
    await psql('postgres', "create database bare owner bptm_owner template template0");
    const { code, stderr } = await ctl('bare', ['restore', '--from', backup]);
    assert.equal(code, 1);
    assert.match(stderr, /permission denied to create extension "postgis"[^]*pg_restore failed; nothing was restored/);
    assert.ok(await isEmpty('bare'));
});

test('an interrupted pg_restore restores nothing; one that fails after its commit leaves nothing that can be used', async () => {
    const database = await scratch('interrupted');
    const interrupted = await ctl(database, ['restore', '--from', backup],
        await meddle('pg_restore', 'case $1 in --single*) kill -INT $PPID $$; sleep 5 ;; *) exec "$real" "$@" ;; esac'));
    assert.deepEqual([interrupted.code, interrupted.stderr], [1, 'bptmctl: restore: pg_restore was ended by signal 2; nothing was restored\n']);
    assert.ok(await isEmpty(database) && !await isClosed(database));

    const failed = await ctl(database, ['restore', '--from', backup],
        await meddle('pg_restore', 'case $1 in --single*) "$real" "$@"; exit 1 ;; *) exec "$real" "$@" ;; esac'));
    assert.match(failed.stderr, /pg_restore failed; do not start bptmd on this database/);
    assert.ok(await isClosed(database));
});

test('a secret that could only go by a command line is refused, and a URI is understood', async () => {
    const uri = (more) => ['run', path.join(app, 'bin/bptmctl'), '--database',
        `postgresql://bptm_owner@/bptm?host=${encodeURIComponent(stack.file('sock'))}&options=-c%20work_mem%3D8MB${more}`, 'backup', '--out'];
    const out = stack.file('uri.backup');
    await assert.rejects(stack.command(...uri('&sslpassword=hunter2'), out), (error) => {
        assert.match(error.stderr, /sslpassword cannot be handed to another program/);
        return !error.stderr.includes('hunter2');
    });
    assert.ok(!await exists(out) && !await exists(`${out}.part`));
    await stack.command(...uri(''), out);
    assert.ok(await exists(out));
});

test('when the epoch cannot be raised the command fails, and nobody can write there', async () => {
    const database = await scratch('unraised');
    const spoil = `psql -Xq -U postgres -d ${database} -c 'set default_transaction_read_only = off' -c 'alter table fleet.receipt_epoch add check (epoch < 9)'`;
    const environment = await meddle('pg_restore', `"$real" "$@" || exit 1\ncase $1 in --single*) ${spoil} ;; esac`);
    const { code, stderr } = await ctl(database, ['restore', '--from', backup], environment);
    assert.equal(code, 1);
    assert.match(stderr, /the receipt epoch could not be raised: .*; do not start bptmd on this database/);
    assert.ok(await isClosed(database));
    await assert.rejects(psql(database, "insert into fleet.lease values ('mqtt', 'x', 1, now())", 'bptm_mqtt'), /read-only transaction/);
});

test('when bptmctl is killed before it can raise the epoch, nobody can write there', async () => {
    const database = await scratch('killed');
    const environment = await meddle('pg_restore', 'case $1 in --single*) "$real" "$@"; kill -9 $PPID ;; *) exec "$real" "$@" ;; esac');
    const { code } = await ctl(database, ['restore', '--from', backup], environment);
    assert.notEqual(code, 0);
    assert.equal(await epochOf(database), 1, 'restored, and not raised');
    assert.ok(await isClosed(database));
    await assert.rejects(psql(database, "insert into fleet.lease values ('mqtt', 'x', 1, now())", 'bptm_mqtt'), /read-only transaction/);
    const again = await ctl(database, ['restore', '--from', backup]);
    assert.match(again.stderr, /is not empty: it has the schema 'fleet'/);
});
