// bptmctl export-evidence: what it writes is what bptm-verify accepts, and nothing else is in it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Device, Key, KIND, decode, encode, signed } from '../lib/wire.mjs';
import { Ctl, app } from './ctl.mjs';

let ctl, device, fleet, other, files = 0;
const through = (key, seq, epoch) => signed(key, 'receipt', device.id,
    encode(new Map([[1, device.id], [2, seq], [3, device.hashes[seq]], [4, Date.now()], [5, epoch]])));
const hex = (bytes) => `'\\x${bytes.toString('hex')}'`;

before(async () => {
    ctl = await Ctl.create();
    await ctl.use('evidence');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
    device = new Device('T-EVIDENCE', randomBytes(32));
    fleet = new Key(randomBytes(32));
    other = new Key(randomBytes(32));
    for (let n = 0; n < 500; n++) {
        device.write(n % 2 ? KIND.utilityRestored : KIND.utilityLost);
    }
    await ctl.run('import', 'devices', await ctl.file('m.csv',
        `serial,public_key,model,hardware_revision\n${device.id},${device.key.public.toString('hex')},BPTM-REF-30,A\n`));
    // 1..240 one by one, then by ten, and two that overlap others: more than one page of rows
    const batches = [];
    for (let n = 1; n <= 240; n++) {
        batches.push([n, n]);
    }
    for (let n = 241; n <= 500; n += 10) {
        batches.push([n, n + 9]);
    }
    batches.push([236, 245], [486, 495]);
    const rows = batches.map(([first, last]) =>
        `(${first}, ${last}, now(), ${hex(device.hashes[first - 1])}, ${hex(device.batch(first, last))})`);
    const receipts = [[fleet, 1, 37], [fleet, 2, 245], [other, 3, 300], [fleet, 4, 500]].map(([key, epoch, seq]) =>
        `(${epoch}, ${seq}, ${hex(device.hashes[seq])}, now(), ${hex(through(key, seq, epoch))})`);
    await ctl.ok(['run', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', ctl.database, '-f', await ctl.file('rows.sql', `
        insert into fleet.journal_batch (device_id, first_seq, last_seq, part_ts, received_at, prev_hash, message)
        select d.device_id, v.first, v.last, now(), v.at, v.prev::bytea, v.message::bytea
        from fleet.device d, (values ${rows.join(',')}) v(first, last, at, prev, message);
        insert into fleet.receipt (device_id, epoch, through_seq, head_hash, issued_at, message)
        select d.device_id, v.epoch, v.seq, v.hash::bytea, v.at, v.message::bytea
        from fleet.device d, (values ${receipts.join(',')}) v(epoch, seq, hash, at, message);`)]);
});
after(() => ctl?.destroy());

/** Export with these options: { stdout, bundle, header, items: [[type, ...]], verify }. */
async function exported(...args) {
    const out = path.join(ctl.files, `bundle-${files++}`);
    const { code, stdout, stderr } = await ctl.run('export-evidence', '--device', device.id, '--out', out, ...args);
    assert.equal(code, 0, stderr);
    const bundle = await readFile(out);
    const items = [];
    for (let at = 0; at < bundle.length;) {
        const [item, next] = decode(bundle, at);
        items.push(item);
        at = next;
    }
    const verify = await ctl.ok(['run', path.join(app, 'bin/bptm-verify'), '--device-key', device.key.public.toString('hex'), out])
        .then((text) => ({ code: 0, text }), (error) => ({ code: error.code, text: error.stdout + error.stderr }));
    return { stdout, stderr, bundle, header: items[0], items: items.slice(1), verify };
}
const fleetKey = () => ['--fleet-key', fleet.public.toString('hex')];

test('a whole journal with its receipts is accepted by bptm-verify', async () => {
    const { stdout, items, verify } = await exported(...fleetKey());
    assert.equal(stdout, '268 batches, 3 receipts\n');
    assert.equal(items.length, 271);
    assert.equal(verify.code, 0, verify.text);
    assert.match(verify.text, /500/);
});

test('each receipt stands after all that it covers and before what it does not', async () => {
    const { items } = await exported(...fleetKey());
    let highest = 0;
    for (const [type, , message] of items.map((i) => (i[0] === 1 ? i : [2, 0, i[1]]))) {
        const [payload] = decode(decode(message)[0][2]);
        if (type === 1) {
            highest = Math.max(highest, payload.get(1) + payload.get(3).length - 1);
        } else {
            assert.ok(payload.get(2) <= highest);
        }
    }
    assert.equal(highest, 500);
});

test('without a fleet key there are no receipts, and it says so', async () => {
    const { stdout, items, verify } = await exported();
    assert.equal(stdout, '268 batches, 0 receipts\n');
    assert.ok(items.every(([type]) => type === 1));
    assert.equal(verify.code, 0, verify.text);
});

test('several fleet keys take the receipts of each', async () => {
    const { stdout, verify } = await exported('--fleet-key', `${fleet.public.toString('hex')},${other.public.toString('hex')}`);
    assert.equal(stdout, '268 batches, 4 receipts\n');
    assert.equal(verify.code, 0, verify.text);
});

test('a range takes the batches that reach into it, and the receipts that they hold', async () => {
    const { stdout, items, verify } = await exported('--from', '230', '--to', '250', ...fleetKey());
    assert.equal(stdout, '13 batches, 1 receipts\n');
    assert.equal(verify.code, 0, verify.text);
    const firsts = items.filter(([type]) => type === 1).map(([, , message]) => decode(decode(message)[0][2])[0].get(1));
    assert.deepEqual(firsts, [230, 231, 232, 233, 234, 235, 236, 236, 237, 238, 239, 240, 241]);
});

test('one flipped byte of the export is refused by bptm-verify', async () => {
    const { bundle } = await exported(...fleetKey());
    bundle[bundle.length >> 1] ^= 1;
    const file = await ctl.file('flipped', bundle);
    await assert.rejects(ctl.ok(['run', path.join(app, 'bin/bptm-verify'), file]));
});
