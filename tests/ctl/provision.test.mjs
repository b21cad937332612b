// bptmctl device provision: meters whose manifest the server takes, and whose secrets stay in their files.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl, out, made;
const key = 'ab'.repeat(32);
const args = ['--prefix', 'METER-', '--count', '3', '--fleet-key', key, '--model', 'BPTM-REF-30', '--hardware', 'B2', '--psk'];

before(async () => {
    ctl = await Ctl.create();
    await ctl.use('meters');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
    out = path.join(ctl.files, 'meters');
    made = await ctl.run('device', 'provision', '--out', out, ...args);
});
after(() => ctl?.destroy());

test('three meters are made, each with the files that it needs', async () => {
    assert.equal(made.stdout, `3 devices, manifest ${out}/manifest.csv\n`);
    const blobs = [1, 2, 3].map((n) => `METER-0000${n}.settings`);
    assert.deepEqual((await readdir(out)).sort(), [...blobs, 'manifest.csv', 'passwd', 'psk']);
    for (const name of [...blobs, 'passwd', 'psk']) {
        const { mode, size } = await stat(path.join(out, name));
        assert.equal(mode & 0o777, 0o600, name);
        if (blobs.includes(name)) assert.equal(size, 8192);
    }
});

test('the key in the settings is the one in the manifest', async () => {
    const lines = (await readFile(path.join(out, 'manifest.csv'), 'utf8')).trim().split('\n');
    assert.equal(lines[0], 'serial,public_key,model,hardware_revision');
    const blob = await readFile(path.join(out, 'METER-00002.settings'));
    const at = blob.indexOf(Buffer.from('065820', 'hex')) + 3; // member 6: the seed
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), blob.subarray(at, at + 32)]);
    const secret = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    const pub = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
    assert.equal(lines[2], `METER-00002,${pub},BPTM-REF-30,B2`);
    assert.ok(blob.includes(Buffer.from(key, 'hex')), 'the fleet key is there');
    assert.equal(new Set(lines.slice(1).map((line) => line.split(',')[1])).size, 3, 'no key twice');
});

test('the server imports the manifest', async () => {
    assert.equal((await ctl.run('import', 'devices', `${out}/manifest.csv`)).code, 0);
    assert.equal(await ctl.value("(select count(*) from fleet.device where serial like 'METER-%')"), 3);
});

test('nothing is made twice, and bad options are refused', async () => {
    assert.notEqual((await ctl.run('device', 'provision', '--out', out, ...args)).code, 0);
    for (const [option, value] of [['--count', '0'], ['--fleet-key', 'ab'], ['--model', 'a,b'], ['--prefix', 'lower-']]) {
        const bad = args.map((old, i) => (args[i - 1] === option ? value : old));
        assert.notEqual((await ctl.run('device', 'provision', '--out', `${out}-${option.slice(2)}`, ...bad)).code, 0, option);
    }
});
