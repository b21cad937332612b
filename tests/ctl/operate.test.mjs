// bptmctl: tokens, keys, the epoch, evidence, and its own command line.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { chmod, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl;
before(async () => { ctl = await Ctl.create(); });
after(() => ctl?.destroy());

// -- tokens -------------------------------------------------------------------------------------

test('a token is printed once and only its hash is kept', async () => {
    const { code, stdout } = await ctl.run('token', 'create', '--role', 'installer', '--crew', 'Crew 7', '--label', 'crew 7', '--days', '30');
    assert.equal(code, 0);
    assert.match(stdout, /^bptm_[A-Za-z0-9_-]{43}\n$/);
    const token = stdout.trim();
    const [row] = await ctl.sql(`select token_id, role, crew, label, encode(hash, 'hex') as hash, revoked_at,
        extract(day from expires_at - created_at) as days from access.token where label = 'crew 7'`);
    assert.deepEqual([row.role, row.crew, row.days, row.revoked_at], ['installer', 'Crew 7', 30, null]);
    assert.equal(row.hash, createHash('sha256').update(token).digest('hex'));
    const dump = await ctl.ok(['run', 'pg_dump', '--data-only', '-d', ctl.database]);
    assert.ok(!dump.includes(token) && !dump.includes(token.slice(5)));

    const listed = (await ctl.run('token', 'list')).stdout;
    assert.match(listed, new RegExp(`^${row.token_id}  valid    installer  \\S+Z  \\S+Z  crew 7  crew Crew 7$`, 'm'));
    assert.ok(!listed.includes(token));
    assert.equal((await ctl.run('token', 'revoke', row.token_id)).code, 0);
    assert.equal((await ctl.run('token', 'revoke', row.token_id.toUpperCase())).code, 0);
    assert.match((await ctl.run('token', 'list')).stdout, new RegExp(`^${row.token_id}  revoked`, 'm'));
    assert.deepEqual(await ctl.sql(`select action from access.audit where object_id = '${row.token_id}' order by audit_id`),
        [{ action: 'token.create' }, { action: 'token.revoke' }]);
});

test('two tokens are never the same', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ctl.run('token', 'create', '--role', 'analyst', '--label', 'same')));
    assert.equal(new Set(made.map((m) => m.stdout)).size, 5);
});

const badTokens = [
    [['--role', 'root', '--label', 'x'], 1, /the role must be/],
    [['--role', 'admin', '--label', ''], 1, /the label 1\.\.120/],
    [['--role', 'admin', '--label', 'x'.repeat(121)], 1, /the label 1\.\.120/],
    [['--role', 'admin', '--label', 'x', '--days', '0'], 2, /--days must be 1\.\.3650, not '0'/],
    [['--role', 'admin', '--label', 'x', '--days', '3651'], 2, /--days must be/],
    [['--role', 'admin', '--label', 'x', '--days', '1d'], 2, /--days must be/],
    [['--role', 'admin'], 2, /--label is required/],
    [['--role', 'installer', '--label', 'x'], 1, /an installer, alone, has --crew/],
    [['--role', 'admin', '--label', 'x', '--crew', '*'], 1, /an installer, alone, has --crew/],
    [['--role', 'installer', '--label', 'x', '--crew', 'x'.repeat(81)], 1, /1\.\.80/],
];
for (const [args, status, message] of badTokens) {
    test(`token create ${args.join(' ').slice(0, 50)} is refused`, async () => {
        const before = await ctl.value('(select count(*) from access.token)');
        const { code, stderr, stdout } = await ctl.run('token', 'create', ...args);
        assert.deepEqual([code, stdout], [status, '']);
        assert.match(stderr, message);
        assert.equal(await ctl.value('(select count(*) from access.token)'), before);
    });
}

test('revoking what is not there fails', async () => {
    for (const id of ['00000000-0000-0000-0000-000000000000', 'nonsense', "' or true --"]) {
        const { code, stderr } = await ctl.run('token', 'revoke', id);
        assert.equal(code, 1);
        assert.match(stderr, /no token '/);
    }
});

// -- keys ---------------------------------------------------------------------------------------

test('a key is a seed that only its owner reads, and its public key is that of Ed25519', async () => {
    const file = path.join(ctl.files, 'receipt.key');
    const { code, stdout } = await ctl.bare('key', 'create', '--out', file);
    assert.equal(code, 0);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const text = await readFile(file, 'utf8');
    assert.match(text, /^[0-9a-f]{64}\n$/);
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(text.trim(), 'hex')]);
    const jwk = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' });
    const key = Buffer.from(jwk.x, 'base64url');
    const kid = createHash('sha256').update(key).digest().subarray(0, 8);
    assert.equal(stdout, `public_key=${key.toString('hex')}\nkid=${kid.toString('hex')}\n`);
    assert.equal((await ctl.bare('key', 'public', file)).stdout, `${key.toString('hex')}\n`);

    const again = await ctl.bare('key', 'create', '--out', file);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /receipt\.key: File exists/);
    assert.equal(await readFile(file, 'utf8'), text);
});

test('what is no key file is refused', async () => {
    for (const text of ['', 'ab', 'g'.repeat(64), '0'.repeat(65), '0'.repeat(64) + '\n\n', '0'.repeat(63) + '\n']) {
        const { code, stderr } = await ctl.bare('key', 'public', await ctl.file('bad.key', text));
        assert.equal(code, 1);
        assert.match(stderr, /bad\.key: is not a seed of 64 hex digits/);
    }
    assert.match((await ctl.bare('key', 'public', '/nowhere')).stderr, /nowhere: No such file/);
    assert.match((await ctl.bare('key', 'create', '--out', '/nowhere/key')).stderr, /No such file/);
});

// -- epoch --------------------------------------------------------------------------------------

test('raising the epoch adds one with its reason: the time, or above the last one', async () => {
    const from = Math.floor(Date.now() / 1000) - 1;
    const first = Number((await ctl.run('receipt-epoch', 'raise', '--reason', 'restored from Monday')).stdout);
    assert.ok(first >= from && first <= Date.now() / 1000 + 1, String(first));
    await ctl.execute("insert into fleet.receipt_epoch values (9000000000, now(), 'by a wrong clock')");
    assert.equal((await ctl.run('receipt-epoch', 'raise', '--reason', 'again')).stdout, '9000000001\n');
    assert.deepEqual(await ctl.sql("select epoch, reason from fleet.receipt_epoch where reason not like 'by%' order by 1"), [
        { epoch: 1, reason: 'first' }, { epoch: first, reason: 'restored from Monday' }, { epoch: 9000000001, reason: 'again' }]);
    assert.equal((await ctl.run('receipt-epoch', 'raise')).code, 2);
});

// -- retention ----------------------------------------------------------------------------------

/** A month of the journal and a year of interruptions of nine and twelve years ago, of one device. */
const longAgo = `set role bptm_owner;
    insert into fleet.device values (55501, 'HELD-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
    create table fleet.journal_record_y2014m05 partition of fleet.journal_record for values from ('2014-05-01Z') to ('2014-06-01Z');
    create table fleet.journal_record_y2014m06 partition of fleet.journal_record for values from ('2014-06-01Z') to ('2014-07-01Z');
    create table outage.outage_y2014 partition of outage.outage for values from ('2014-01-01Z') to ('2015-01-01Z');
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, mono_ms, boot, kind, quality, hash)
    select 55501 + n, 1, t, t, 0, 1, 2, 2, '' from (values (0, timestamptz '2014-05-05Z'), (1, '2014-06-05Z')) v(n, t);
    insert into outage.outage (device_id, lost_seq, started_at, chain_at, ended_at, end_basis, start_quality, derived_at)
    values (55502, 1, '2014-06-05Z', '2014-06-05Z', '2014-06-05 01:00Z', 'restored', 2, now());
    insert into fleet.command (device_id, counter, code, arguments, argument, requested_at, requested_by, expires_at)
    values (55501, 1, 1, '{}', '', '2014-05-05Z', 'operator', '2014-05-06Z'), (55502, 1, 1, '{}', '', '2014-05-05Z', 'operator', '2014-05-06Z')`;

test('retention drops what is old, and not what is held; it says which and why', async () => {
    await ctl.execute(longAgo);
    const hold = (await ctl.run('hold', 'place', '--device', 'HELD-1', '--reason', 'claim 17 of 2014')).stdout.trim();
    assert.match((await ctl.run('hold', 'list')).stdout, new RegExp(`^${hold}  device HELD-1  claim 17 of 2014  placed \\S+Z  in force$`, 'm'));
    const lines = (text) => text.split('\n').filter((l) => /2014|fleet\.command/.test(l)).map((l) => l.replace(/ +/g, ' '));
    const dry = lines((await ctl.run('retention', 'run', '--dry-run')).stdout);
    assert.match(dry[0], /^commands fleet\.command before \d{4}-\S+ would be dropped$/);
    assert.deepEqual(dry.slice(1), [
        'interruptions outage.outage_y2014 before 2015-01-01T00:00:00.000Z would be dropped',
        `journal fleet.journal_record_y2014m05 before 2014-06-01T00:00:00.000Z held: hold ${hold} on device HELD-1: claim 17 of 2014`,
        'journal fleet.journal_record_y2014m06 before 2014-07-01T00:00:00.000Z would be dropped']);
    const there = () => ctl.value("(select string_agg(relname, ' ' order by relname) from pg_class where relname ~ 'y2014(m..)?$')");
    assert.equal(await there(), 'journal_record_y2014m05 journal_record_y2014m06 outage_y2014', 'a dry run drops nothing');
    const done = await ctl.run('retention', 'run');
    assert.equal(done.code, 0);
    assert.match(done.stdout, /^1 held$/m);
    assert.equal(await there(), 'journal_record_y2014m05');
    assert.deepEqual(await ctl.sql('select device_id from fleet.command where device_id in (55501, 55502)'), [{ device_id: 55501 }], 'its commands are held as well');
    assert.equal((await ctl.run('hold', 'lift', hold)).code, 0);
    assert.match((await ctl.run('hold', 'lift', hold)).stderr, /no hold '\d+' in force/);
    await ctl.run('retention', 'run');
    assert.equal(await there(), null);
    assert.equal(Number(await ctl.value('(select count(*) from fleet.command where device_id = 55501)')), 0);
    assert.match((await ctl.run('hold', 'list')).stdout, /HELD-1  claim 17 of 2014  placed \S+Z  \S+Z$/m, 'a lifted hold stays readable');
});

test('a hold is on one thing, and a time to keep is one', async () => {
    const tries = [
        [['hold', 'place', '--reason', 'x'], 2, /on one device, premise or event, or on a period/],
        [['hold', 'place', '--reason', 'x', '--device', 'A-1', '--premise', '1'], 2, /on one/],
        [['hold', 'place', '--reason', 'x', '--from', '2020-01-01Z'], 2, /on one/],
        [['hold', 'place', '--reason', 'x', '--device', 'NO-SUCH'], 1, /no such device/],
        [['hold', 'lift', 'x'], 1, /no hold 'x'/],
        [['retention', 'keep', '--class', 'rollups', '--for', '1 year'], 1, /no class 'rollups'/],
        [['retention', 'keep', '--class', 'journal', '--for', '2 days'], 1, /retention/],
    ];
    for (const [args, status, message] of tries) {
        const { code, stderr } = await ctl.run(...args);
        assert.equal(code, status, args.join(' '));
        assert.match(stderr, message);
    }
    assert.equal((await ctl.run('retention', 'keep', '--class', 'commands', '--for', '2 years')).code, 0);
    assert.equal(await ctl.value("(select keep from outage.retention where class = 'commands')"), '2 years');
});

// -- the command line ---------------------------------------------------------------------------

test('every command has --help and --version, and --help lists them all', async () => {
    const help = (await ctl.bare('--help')).stdout;
    const commands = help.split('own --help):\n')[1].split('\n').filter((line) => /^  \S/.test(line)).map((line) => line.trim().replace(/ [A-Z].*/, ''));
    assert.deepEqual(commands.sort(), ['audit decisions', 'audit verify', 'backup', 'ca crl', 'ca init', 'ca issue', 'ca revoke', 'ca service', 'ca watch', 'circuits publish', 'db status', 'db upgrade', 'device key-proof', 'device provision', 'device rekey', 'export-evidence', 'firmware import', 'firmware offer', 'firmware sign', 'generators difference', 'generators discard', 'generators offline', 'generators publish', 'generators sign', 'hold lift', 'hold list', 'hold place', 'import accounts', 'import circuit-list', 'import circuits', 'import deliveries', 'import devices', 'import epss', 'import feed', 'import generators', 'import links', 'import meter-events', 'import premises', 'import psps', 'import ruleset', 'import zones', 'index-key add', 'index-key retire', 'index-key rotate',
        'key create', 'key public', 'person-key add', 'person-key new', 'person-key retire', 'person-key rotate', 'person-key seal', 'receipt-epoch raise', 'restore', 'retention keep', 'retention run', 'seed', 'token create', 'token list', 'token revoke', 'zones publish']);
    assert.match((await ctl.bare('--version')).stdout, /^bptmctl \d+\.\d+\.\d+\n$/);
    for (const command of commands) {
        const own = await ctl.bare(...command.split(' '), '--help');
        assert.equal(own.code, 0);
        assert.ok(own.stdout.startsWith(`Usage: bptmctl ${command} [OPTION...]`), own.stdout);
        assert.equal((await ctl.bare(...command.split(' '), '--version')).code, 0);
    }
});

const badLines = [
    [[], /Usage: bptmctl/],
    [['nothing'], /no command 'nothing'/],
    [['db'], /no command 'db'/],
    [['db', 'drop'], /no command 'db drop'/],
    [['db', 'upgrade'], /no database: give --database or set BPTM_DATABASE/],
    [['db', 'upgrade', '--nothing'], /unrecognized option/],
    [['db', 'upgrade', 'more'], /Too many arguments/],
    [['import', 'zones', '--layer', 'a', '--source', 'b'], /FILE is required/],
    [['import', 'zones', 'file', '--source', 'b'], /--layer is required/],
    [['key', 'create'], /--out is required/],
];
for (const [args, message] of badLines) {
    test(`bptmctl ${args.join(' ')} is a usage error`, async () => {
        const { code, stderr } = await ctl.bare(...args);
        assert.equal(code, 2);
        assert.match(stderr, message);
    });
}

test('--database may stand after the command; a database that is not there is said, without its password', async () => {
    const conninfo = `host=${ctl.stack.file('sock')} dbname=nothing user=bptm_owner password=hunter2`;
    for (const args of [['--database', conninfo, 'token', 'list'], ['token', 'list', '--database', conninfo]]) {
        const { code, stderr } = await ctl.bare(...args);
        assert.equal(code, 1);
        assert.match(stderr, /bptmctl: token list: database: .*"nothing" does not exist/);
        assert.ok(!stderr.includes('hunter2'));
    }
});

// -- evidence -----------------------------------------------------------------------------------

test('evidence of a device that is not there leaves no file; an old file is not written over', async () => {
    const out = path.join(ctl.files, 'none.evidence');
    const { code, stderr } = await ctl.run('export-evidence', '--device', 'T-NONE', '--out', out);
    assert.equal(code, 1);
    assert.match(stderr, /no device 'T-NONE'/);
    await assert.rejects(stat(out));
    const kept = await ctl.file('kept.evidence', 'kept');
    await chmod(kept, 0o666);
    assert.match((await ctl.run('export-evidence', '--device', 'T-NONE', '--out', kept)).stderr, /File exists/);
    assert.equal(await readFile(kept, 'utf8'), 'kept');
});

test('evidence: bad numbers and keys are usage errors', async () => {
    for (const args of [['--from', '0'], ['--from', '9', '--to', '8'], ['--to', 'x'], ['--fleet-key', 'ab'], ['--fleet-key', 'g'.repeat(64)],
        ['--fleet-key', `${'0'.repeat(64)},`]]) {
        assert.equal((await ctl.run('export-evidence', '--device', 'T', '--out', '/nowhere', ...args)).code, 2, args.join(' '));
    }
});
