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

// -- the command line ---------------------------------------------------------------------------

test('every command has --help and --version, and --help lists them all', async () => {
    const help = (await ctl.bare('--help')).stdout;
    const commands = help.split('own --help):\n')[1].split('\n').filter((line) => /^  \S/.test(line)).map((line) => line.trim().replace(/ [A-Z].*/, ''));
    assert.deepEqual(commands.sort(), ['audit decisions', 'backup', 'ca crl', 'ca init', 'ca issue', 'ca revoke', 'ca service', 'db status', 'db upgrade', 'device provision', 'export-evidence', 'firmware import', 'firmware offer', 'firmware sign', 'generators difference', 'generators discard', 'generators offline', 'generators publish', 'generators sign', 'import accounts', 'import circuits', 'import devices', 'import epss', 'import feed', 'import generators', 'import links', 'import meter-events', 'import premises', 'import psps',
        'import zones', 'key create', 'key public', 'receipt-epoch raise', 'restore', 'seed', 'token create', 'token list', 'token revoke', 'zones publish']);
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
