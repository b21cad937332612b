// What simulated homes signed and the server receipted, exported: accepted by bptm-verify and by a COSE
// library that others wrote.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { coseLibrary, openedBy } from '../lib/cose.mjs';
import { Stack, until } from '../lib/stack.mjs';
import { decode, KIND } from '../lib/wire.mjs';

const HOMES = 2;
const cose = await coseLibrary();
const skip = cose.missing ?? false;
let stack, homes;

/** Wait until every home has a receipt for a record of this kind. */
function receipted(kind) {
    return until(`receipts for records of kind ${kind}`, async () => {
        const [row] = await stack.sql('select count(distinct device_id)::int as homes from fleet.journal_record r'
            + ` join analytics.loss_ledger l using (device_id) where r.kind = ${kind} and l.receipted >= r.seq`);
        return row.homes === HOMES;
    }, 60);
}

before(async () => {
    stack = await Stack.create({ homes: HOMES });
    await stack.command('ctl', 'import', 'devices', stack.file('sim/manifest.csv'));
    const rows = (await stack.text('sim/manifest.csv')).trim().split('\n').slice(1).map((line) => line.split(','));
    homes = rows.map(([serial, key]) => ({ serial, key: Buffer.from(key, 'hex') }));
    await stack.start('mosquitto', 'bptmd', 'sim');
    for (const [command, kind] of [['off', KIND.utilityLost], ['on', KIND.utilityRestored]]) {
        await stack.control(`all utility ${command}`);
        await receipted(kind);
    }
    await stack.stop('sim', 'bptmd', 'mosquitto');
    for (const home of homes) {
        const file = stack.file(`evidence-${home.serial}`);
        await stack.command('ctl', 'export-evidence', '--device', home.serial, '--out', file,
            '--fleet-key', stack.fleetKey.toString('hex'));
        home.file = file;
        home.bundle = await readFile(file);
    }
});

after(() => stack?.destroy());

/** Items of a bundle after its header. */
function itemsOf(bundle) {
    const items = [];
    for (let at = 0; at < bundle.length;) {
        const [item, next] = decode(bundle, at);
        items.push(item);
        at = next;
    }
    return items.slice(1);
}

test('bptm-verify accepts the bundles under the keys that we know', async () => {
    for (const home of homes) {
        await stack.command('run', path.join(process.env.BPTM_APP, 'bin/bptm-verify'), '--device-key',
            home.key.toString('hex'), '--fleet-key', stack.fleetKey.toString('hex'), home.file);
    }
});

test('the library verifies every message of the same bundles', { skip }, async () => {
    for (const { serial, key, bundle } of homes) {
        const items = itemsOf(bundle);
        const batches = items.filter(([type]) => type === 1).map(([, , message]) => message);
        const receipts = items.filter(([type]) => type === 2).map(([, message]) => message);
        assert.ok(batches.length > 0 && receipts.length > 0, serial);
        let records = 0;
        for (const message of batches) {
            const { payload } = await openedBy(cose, key, `bptm/1/journal/${serial}`, message);
            records += decode(payload)[0].get(3).length;
        }
        for (const message of receipts) {
            const { payload } = await openedBy(cose, stack.fleetKey, `bptm/1/receipt/${serial}`, message);
            assert.equal(decode(payload)[0].get(1), serial);
        }
        assert.ok(records >= 3, serial);
    }
});
