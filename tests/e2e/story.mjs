// The demo's story on real homes, served by the named processes, and what must hold after it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { play, stackOf } from '../../deploy/lib/story.mjs';
import { Stack } from '../lib/stack.mjs';

/** Text of a file that may be gone by now. */
function readOr(file) {
    try {
        return readFileSync(file, 'utf8');
    } catch {
        return '';
    }
}

/** Declare the tests of one story. */
export function story(servers) {
    let stack, seen;

    before(async () => {
        stack = await Stack.create({ homes: 3 });
        await stack.start('mosquitto', ...servers, 'sim');
    });

    after(() => stack?.destroy());

    test('every step is read back by REST', async () => {
        const port = new URL(stack.url).port;
        seen = await play(stackOf(stack.file('.'), port, (line) => console.log(`# ${line}`)));
        assert.equal(seen.journal.unaccounted, 0);
    });

    test('the database says the same', async () => {
        const [outage] = await stack.sql(`select * from outage.outage where outage_id = ${Number(seen.outage.id)}`);
        assert.equal(Number(outage.retransfer_delay_ms), seen.outage.retransfer_delay_ms);
        const kinds = (await stack.sql('select kind from fleet.journal_record r join fleet.device d using (device_id)'
            + ` where d.serial = '${seen.device}' order by seq`)).map((row) => row.kind);
        const told = kinds.filter((kind) => [2, 3, 6, 7].includes(kind));
        assert.deepEqual(told, [2, 6, 3, 7], 'lost, to generator, restored, to utility');
    });

    test('the other homes wait in quarantine, counted, and lose nothing', async () => {
        const { status, body } = await stack.request('GET', '/v1/quarantine', { role: 'operator' });
        assert.equal(status, 200);
        assert.ok(body.items.some((item) => item.reason === 'device-unknown'));
    });

    test('no secret in a log or on a command line', async () => {
        const secrets = [...Object.values(stack.tokens), (await stack.text('secret/mqtt')).trim(),
            (await stack.text('secret/receipt.key')).trim()];
        for (const name of ['postgres', 'mosquitto', 'sim', ...servers]) {
            const log = await stack.log(name);
            assert.ok(!secrets.some((secret) => log.includes(secret)), name);
        }
        const processes = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
        for (const id of processes) {
            const line = readOr(`/proc/${id}/cmdline`);
            assert.ok(!secrets.some((secret) => line.includes(secret)), `a secret in ps: ${line.split('\0')[0]}`);
        }
    });

    test('all end when they are asked to', async () => {
        await stack.stop('sim', ...servers, 'mosquitto', 'postgres');
    });
}
