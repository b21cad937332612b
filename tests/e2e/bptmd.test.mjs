// bptmd as a process: its command line, its lease, what it tells other processes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LiveDevice } from '../lib/device.mjs';
import { Stack, until } from '../lib/stack.mjs';

const program = path.join(process.env.BPTM_APP ?? '', 'sbin/bptmd');
let stack, device;

before(async () => {
    stack = await Stack.create({ users: ['LEASE-1'] });
    await stack.start('mosquitto', 'bptmd');
    device = await (await new LiveDevice(stack, 'LEASE-1').register()).connect();
});

after(() => stack?.destroy());

function run(...args) {
    const result = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
    return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

test('the version, the keys and the help are printed', () => {
    assert.match(run('--version').stdout, /^bptmd \d+\.\d+\.\d+\n$/);
    assert.match(run('--help').stdout, /--only=PART/);
    const keys = run('--list-config');
    assert.equal(keys.code, 0);
    assert.match(keys.stdout, /^mqtt\.root = bptm\/1\n {4}root of the topics; text of at most 255 bytes$/m);
});

const mistakes = [
    [['--only=http,smtp'], 2, /unknown part 'smtp'/],
    [['now'], 2, /unexpected argument 'now'/],
    [['--colour'], 2, /unrecognized option/],
    [['--config=/nonexistent/bptmd.conf'], 1, /\/nonexistent\/bptmd\.conf: could not open/],
];
for (const [args, code, says] of mistakes) {
    test(`bptmd ${args.join(' ')}`, () => {
        const result = run(...args);
        assert.equal(result.code, code);
        assert.match(result.stderr, says);
    });
}

test('--check-config names the file, the line and the key', async () => {
    assert.deepEqual(run(`--check-config=${stack.file('bptmd.conf')}`), { code: 0, stdout: '', stderr: '' });
    const file = path.join(stack.dir, 'wrong.conf');
    await writeFile(file, '[mqtt]\nprot = 1883\n');
    assert.deepEqual(run(`--check-config=${file}`),
        { code: 1, stdout: '', stderr: `bptmd: ${file}:2: unknown key 'prot' in section 'mqtt'\n` });
});

test('a key file that others can read is refused', async () => {
    const conf = await readFile(stack.file('bptmd.conf'), 'utf8');
    const key = path.join(stack.dir, 'open.key');
    await writeFile(key, `${'ab'.repeat(32)}\n`, { mode: 0o644 });
    const file = path.join(stack.dir, 'open.conf');
    await writeFile(file, conf.replace(/^key_file = .*$/m, `key_file = ${key}`));
    const result = run(`--config=${file}`, '--only=mqtt');
    assert.equal(result.code, 1);
    assert.match(result.stderr, /event=receipt-key-unusable/);
    assert.doesNotMatch(result.stderr, /abab/);
});

test('the parts say every second how they are', async () => {
    const rows = await stack.sql("select part, at > now() - interval '3 s' as fresh, detail from fleet.part_health order by part");
    assert.deepEqual(rows.map((row) => [row.part, row.fresh]), [['job', true], ['mqtt', true]]);
    assert.equal(rows[1].detail.broker, true);
    await stack.stop('mosquitto');
    await until('not ready', async () => (await stack.request('GET', '/readyz')).status === 503);
    await stack.start('mosquitto');
    await until('ready', async () => (await stack.request('GET', '/readyz')).status === 200);
    await device.connect();
});

test('a second server waits for the lease, and takes over when the first one goes', async () => {
    const holder = async () => (await stack.sql("select holder, token from fleet.lease where name = 'mqtt'"))[0];
    const first = await holder();
    const second = stack.foreground('bptmd-mqtt');
    try {
        await until('the second one', () => second.output().includes('event=ready'));
        device.write(1);
        await device.drain();
        assert.deepEqual(await holder(), first);
        assert.doesNotMatch(second.output(), /lease-taken/);

        await stack.stop('bptmd');
        await until('the lease', () => second.output().includes('event=lease-taken'));
        assert.ok((await holder()).token > first.token);
        device.write(2, [[16, 100], [20, 0], [21, 0], [22, 0]]);
        await device.drain();
    } finally {
        second.child.kill('SIGTERM');
    }
    assert.deepEqual(await second.exit, { code: 0, signal: null });
    assert.doesNotMatch(second.output(), /AddressSanitizer|runtime error/);
    assert.deepEqual(await stack.sql('select head_seq, stored from fleet.journal_head'), [{ head_seq: 2, stored: 2 }]);
    device.mqtt.end();
});
