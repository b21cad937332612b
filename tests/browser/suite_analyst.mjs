// Tasks of an analyst and of an operator, from beginning to end, on real journals of devices and running firmware.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { person, settled } from '../lib/browser.mjs';
import { until } from '../lib/stack.mjs';
import { Maker } from './fixture.mjs';

/** Cells of the table that is seen, row by row. */
const cells = (page, where = 'main') => page.locator(`${where} tbody tr`).evaluateAll((rows) => rows.map((r) => [...r.cells].map((c) => c.textContent.trim())));

export function analyst(its) {
    const visit = async (role, path) => {
        const who = await person(its().browser, its().stack, role);
        await who.page.goto(its().stack.url + path);
        await settled(who.page);
        return { ...who, at: async (where) => {
            await who.page.waitForURL((url) => url.pathname === where);
            await settled(who.page);
        } };
    };
    const done = async ({ context, faults }) => {
        await context.close();
        assert.deepEqual(faults, []);
    };
    const read = async (path, role = 'operator') => (await its().stack.request('GET', path, { role })).body;

    test('find an outage on the map by keyboard, see it in the table, open it', async () => {
        const me = await visit('operator', '/');
        await me.page.keyboard.press('g');
        await me.page.keyboard.press('m');
        await me.at('/map');
        await me.page.keyboard.press('m');
        const said = me.page.locator('.map-said');
        let text;
        for (let n = 0; n < 40 && !/^Outage \d+: Circuit 012345601/.test(text ?? ''); n++) {
            await me.page.keyboard.press('n');
            text = await said.textContent();
        }
        const id = /^Outage (\d+)/.exec(text)[1];
        assert.equal(Number(id), its().made.storm, 'the storm is the only one of that circuit in a month');
        // others at the same place are chosen with it
        await me.page.locator('tr[aria-current]').getByRole('rowheader', { name: id, exact: true }).waitFor();
        await me.page.keyboard.press('+');
        await me.page.keyboard.press('ArrowLeft');
        await me.page.keyboard.press('Enter');
        await me.at('/outage');
        const e = await read(`/v1/outage-events/${id}`);
        const page = await me.page.locator('main').textContent();
        assert.ok(page.includes(`Outage ${id}`) && page.includes(`Circuit ${e.element}`));
        assert.deepEqual((await cells(me.page, '.tabbed')).map((r) => r[0]).sort(), e.homes.map((m) => m.device).sort());
        await done(me);
    });

    test('the other way: a row of the table is chosen on the map', async () => {
        const me = await visit('analyst', '/map?period=year');
        await me.page.keyboard.press('t');
        await me.page.keyboard.press('j');
        await me.page.keyboard.press('j');
        const told = await me.page.locator('.map-card').textContent();
        const chosen = me.page.locator('tr[aria-current] th'); // one: also when keys come fast
        await until('the row is marked', async () => told.startsWith(`Outage ${await chosen.textContent()}:`));
        await me.page.getByRole('tab', { name: /^Devices/ }).click();
        assert.ok((await cells(me.page, '.map-side')).every((r) => /^Device \d+$/.test(r[0])), 'an analyst reads no serial number');
        await done(me);
    });

    test('play an outage: the table follows each step, and stops where one stops it', async () => {
        const { storm } = its().made;
        const me = await visit('operator', `/outage?id=${storm}`);
        await me.page.getByRole('link', { name: 'Play on the map' }).click();
        await me.at('/map');
        const said = me.page.locator('.playback-said');
        const states = async () => (await cells(me.page, '.map-side')).map((r) => r[1]);
        await me.page.keyboard.press('x');
        await until('three steps', async () => Number(/^(\d+) of/.exec(await said.textContent())?.[1]) >= 3);
        await me.page.keyboard.press('x');
        const first = await said.textContent();
        const homes = await read(`/v1/outages?event_id=${storm}&limit=200`);
        const check = async () => {
            const text = await said.textContent(), seen = await states();
            for (const [words, name] of [['dark', 'Dark'], ['on its generator', 'On its generator'], ['back', 'Back'], ['not yet out', 'Not yet out']]) {
                assert.equal(Number(new RegExp(`(\\d+) ${words}`).exec(text)?.[1] ?? 0), seen.filter((s) => s === name).length, `${text} against ${seen}`);
            }
            assert.equal(seen.length, homes.items.length);
        };
        await check();
        for (let n = 0; n < 25; n++) {
            await me.page.keyboard.press('.');
        }
        assert.notEqual(await said.textContent(), first);
        await check();
        assert.ok((await states()).includes('On its generator'));
        const at = new URL(me.page.url()).searchParams.get('at'), then = await said.textContent();
        await me.page.reload();
        await settled(me.page);
        assert.equal(await said.textContent(), then, `the moment ${at} is in the address`);
        await me.page.getByRole('slider', { name: 'Moment' }).press('End');
        await check();
        assert.deepEqual([...new Set(await states())], ['Back']);
        await me.page.getByRole('button', { name: 'Whole period' }).click();
        await done(me);
    });

    test('the lights of a device follow what its firmware shows, and go grey when it is silent', async () => {
        const [serial] = its().made.simulated, { stack } = its();
        const me = await visit('operator', '/devices');
        await me.page.keyboard.press('/');
        await me.page.keyboard.type('sim-00001');
        await me.page.waitForURL('**/devices?q=sim-00001');
        await settled(me.page);
        await me.page.keyboard.press('Escape');
        await me.page.evaluate(() => document.activeElement.blur());
        await me.page.keyboard.press('j');
        await me.page.keyboard.press('Enter');
        await me.at('/device');
        const lamps = () => me.page.locator('[data-lamp]').evaluateAll((all) => Object.fromEntries(all.map((l) => [l.dataset.lamp, l.dataset.pattern])));
        const seen = (what, test) => until(what, async () => test(await lamps()), 60);
        assert.deepEqual(await lamps(), { utility: 'on', generator: 'off', load: 'off', fault: 'off' });
        await stack.control('1 utility off', '1 generator start');
        await seen('GENERATOR is lit', (l) => l.generator === 'on' && l.utility === 'off');
        const face = me.page.locator('.replica');
        assert.match(await face.textContent(), /On the generator.*GENERATORon, ambergenerator feeds the home.*Utility contactor open, generator contactor closed/);
        assert.deepEqual(await lamps(), (await read(`/v1/devices/${serial}`)).status.leds, 'as the API has it');
        await stack.control('1 utility on');
        await seen('back on the utility', (l) => l.utility === 'on' && l.generator === 'blink_slow');
        await stack.control('1 generator stop');
        await seen('the generator is off', (l) => l.generator === 'off');
        await me.page.reload();
        await settled(me.page);
        const kinds = async () => (await cells(me.page, '.tabbed')).map((r) => r[2]);
        const wanted = ['utility lost', 'generator present', 'transferred to generator', 'utility restored', 'transferred to utility'];
        assert.deepEqual((await kinds()).filter((k) => wanted.includes(k)), wanted);
        await me.page.getByRole('img', { name: /^Timeline of \d+ records/ }).waitFor();
        assert.equal(await me.page.locator('.replica.old').count(), 0);
        await stack.control('1 link down');
        await me.page.locator('.replica.old').waitFor({ timeout: 60_000 });
        assert.match(await face.textContent(), /Not connected now/);
        await stack.control('1 link up');
        await me.page.locator('.replica:not(.old)').waitFor({ timeout: 60_000 });
        await done(me);
    });

    test('acknowledge an alarm with a note, from the front page on', async () => {
        const me = await visit('operator', '/');
        const row = me.page.locator('tr', { hasText: 'Backfeed' });
        await row.getByRole('link').focus();
        await me.page.keyboard.press('Enter');
        await me.at('/alarm');
        const id = new URL(me.page.url()).searchParams.get('id');
        await me.page.keyboard.press('a');
        const note = `crew 4 is on its way: <b>do not close</b> ${'long '.repeat(150)}`.slice(0, 990);
        await me.page.getByLabel('Note').fill(note);
        await me.page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).press('Enter');
        await me.page.getByText('Acknowledged.').waitFor();
        await settled(me.page);
        assert.ok((await me.page.locator('.timeline').textContent()).includes(note.trim()), 'the note as it was written');
        assert.equal(await me.page.getByRole('button', { name: 'Acknowledge …' }).isDisabled(), true);
        const alarm = await read(`/v1/alarms/${id}`);
        assert.deepEqual([alarm.state, alarm.history.map((e) => e.event), alarm.history.at(-1).note], ['acknowledged', ['raised', 'acknowledged'], note.trim()]);
        await me.page.goto(`${its().stack.url}/alarms?state=acknowledged`);
        await settled(me.page);
        assert.deepEqual((await cells(me.page)).map((r) => [r[0], r[1], r[2]]), [['Backfeed', 'Critical', 'Acknowledged']]);
        await done(me);
    });

    test('the front page says what the API says of records, homes and health', async () => {
        const me = await visit('operator', '/');
        const dark = await read('/v1/still-dark');
        await until('the page and the API at one time', async () => { // devices go on meanwhile
            const before = await read('/v1/loss-ledger');
            await me.page.reload();
            await settled(me.page);
            const tiles = await me.page.locator('.totals > div').evaluateAll((all) => Object.fromEntries(all.map((d) => [d.querySelector('dt').textContent, d.querySelector('dd').textContent])));
            const l = await read('/v1/loss-ledger');
            assert.deepEqual(tiles, { 'Written, as devices say': String(l.claimed), Stored: String(l.stored), Receipted: String(l.receipted), Overwritten: '0', 'Not accounted for': '1', 'Open gaps': '1', Quarantine: String(l.quarantined) });
            return l.claimed === before.claimed && l.quarantined === before.quarantined;
        }, 60);
        const section = (name) => me.page.locator('section', { has: me.page.getByRole('heading', { name, exact: true }) });
        assert.deepEqual(await section('Still dark').locator('tbody th').allTextContents(), dark.items.map((d) => `${d.address}, ${d.city}`));
        const where = "where device_id = (select device_id from fleet.device where serial = 'BT-722005')";
        await new Maker(its().stack).sql(`update fleet.journal_head set updated_at = now() - interval '5 hours' ${where};
            update fleet.device_status set received_at = now() - interval '5 hours' ${where}; update fleet.device_link set received_at = now() - interval '5 hours' ${where}`);
        await me.page.reload();
        await settled(me.page);
        const silent = (await read('/v1/silent-devices')).items;
        assert.ok(silent.some((d) => d.device === 'BT-722005' && d.cause === 'unit'));
        assert.deepEqual((await section('Silent devices').locator('tbody th').allTextContents()).sort(), silent.map((d) => d.device).sort());
        assert.deepEqual(await section('Health').locator('.tag').allTextContents(), ['works', 'works', 'works']);
        await section('Loss ledger').getByRole('link', { name: 'BT-720013' }).click();
        await me.at('/device');
        await me.page.getByRole('row', { name: /^18 open/ }).waitFor();
        await done(me);
        const analyst = await visit('analyst', '/');
        assert.equal(await analyst.page.getByText('Still dark', { exact: true }).count(), 1, 'a column, no worklist of homes');
        await done(analyst);
    });

    test('an index: table, CSV, API and the SQL beside them are the same', async () => {
        const me = await visit('analyst', '/indices');
        await me.page.getByLabel('By', { exact: true }).selectOption('circuit');
        await me.page.waitForURL((url) => url.searchParams.get('by') === 'circuit');
        await settled(me.page);
        const to = await me.page.getByLabel('Until before', { exact: true }).inputValue(), first = new Date(to);
        first.setUTCMonth(first.getUTCMonth() - 5); // all devices are there in each of these months: no circuit has too few homes
        const from = first.toISOString().slice(0, 10);
        await me.page.getByLabel('From', { exact: true }).fill(from);
        await me.page.waitForURL((url) => url.searchParams.get('from') === from);
        await settled(me.page);
        const { items } = await read(`/v1/indices?source=meters&from=${from}&to=${to}&by=circuit`, 'analyst');
        assert.deepEqual(items.map((i) => i.circuit_id), ['012345601', '012345602', '012345699']);
        const shown = (await cells(me.page, '[data-figure]')).map((r) => [r[0], r[2], r[5], r[6]]);
        const read2 = (n, digits) => n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
        assert.deepEqual(shown, items.map((i) => [i.circuit_id, String(i.customer_interruptions), read2(i.saidi, 2), read2(i.saifi, 3)]));
        const download = me.page.waitForEvent('download');
        await me.page.getByRole('button', { name: 'CSV' }).press('Enter');
        const [head, ...lines] = (await readFile(await (await download).path(), 'utf8')).trim().split('\r\n').map((line) => line.split(','));
        assert.deepEqual(lines.map((cellsOf) => Object.fromEntries(head.map((name, n) => [name, cellsOf[n]]))), items.map((i) => Object.fromEntries(head.map((name) => [name, String(i[name])]))));
        await me.page.getByText('SQL', { exact: true }).click();
        const sql = await me.page.locator('.copyable code').textContent();
        const rows = (await new Maker(its().stack).sql(`set role bptm_analyst; ${sql}`)).trim().split('\n').map((line) => line.split('|'));
        assert.deepEqual(rows.map(([circuit, ci, momentary, saidi, saifi]) => [circuit, Number(ci), Number(momentary), Number(saidi), Number(saifi)]),
            items.map((i) => [i.circuit_id, i.customer_interruptions, i.momentary_events, i.saidi, i.saifi]));
        await me.page.getByRole('img', { name: /^SAIDI, minutes by circuit/ }).waitFor();
        await done(me);
    });

    test('backup power by month: the drawn, the table and the SQL agree with the API', async () => {
        const me = await visit('analyst', '/benefit?measure=carried_minutes');
        const from = await me.page.getByLabel('From', { exact: true }).inputValue(), to = await me.page.getByLabel('Until before', { exact: true }).inputValue();
        const { items } = await read(`/v1/backup-benefit?from=${from}&to=${to}&by=month`, 'analyst');
        assert.deepEqual((await cells(me.page, '[data-figure]')).map((r) => [r[0], Number(r[4]), Number(r[6])]), items.map((i) => [i.month, i.outages, i.carried]));
        assert.deepEqual(await me.page.locator('.chart rect title').evaluateAll((all) => all.map((t) => t.textContent)), items.map((i) => `${i.month}, Minutes carried: ${Math.round(i.carried_minutes).toLocaleString('en-US')}`));
        const sql = await me.page.locator('.copyable code').textContent();
        const rows = (await new Maker(its().stack).sql(`set role bptm_analyst; ${sql}`)).trim().split('\n').map((line) => line.split('|'));
        const eventful = items.filter((i) => i.outages || i.used); // of a month in which devices stayed and nothing happened the view has no row
        assert.ok(eventful.length > 0);
        assert.deepEqual(rows.map((r) => [r[0], Number(r[1]), Number(r[2])]), eventful.map((i) => [i.month, i.outages, i.carried]));
        assert.ok(rows.every((r, n) => Math.abs(r[5] - eventful[n].carried_minutes) < 0.03), 'the view rounds each circuit to hundredths');
        await done(me);
    });

    test('what another source says is confirmed, with a reason', async () => {
        const { storm } = its().made;
        const me = await visit('operator', `/outage?id=${storm}&tab=links`);
        const match = me.page.locator('.matches > li', { hasText: 'utility 4417' });
        await match.locator('.tag', { hasText: 'Proposed' }).waitFor();
        await match.getByRole('button', { name: 'Confirm' }).press('Enter');
        await me.page.getByLabel('Why').fill('the crew report says so');
        await me.page.getByRole('button', { name: 'Confirm the match' }).press('Enter');
        await me.page.getByText('Confirmed: it is the same.').waitFor();
        await settled(me.page);
        await match.getByText('the crew report says so').waitFor();
        const [link] = (await read(`/v1/outage-links?event_id=${storm}`)).items.filter((l) => l.name === 'utility 4417');
        assert.deepEqual([link.status, link.reason], ['confirmed', 'the crew report says so']);
        await done(me);
        const analyst = await visit('analyst', `/outage?id=${storm}&tab=links`);
        assert.equal(await analyst.page.getByRole('tab', { name: /What others say/ }).count(), 0);
        await done(analyst);
    });

    test('markup in the name of a circuit stays text, and a formula in a CSV, too', async () => {
        const name = '=<img src=x onerror="globalThis.ran=1">';
        await new Maker(its().stack).sql(`insert into programme.circuit (circuit_id, name) values ('HOSTILE1', '${name}');
            insert into programme.premise (code, address, city, postal_code, geom) values ('HOSTILE-1', '1 Far Road', 'Many', '95000', st_setsrid(st_point(-119.5, 38.9), 4326));
            insert into programme.premise_circuit select premise_id, 'HOSTILE1', '2020-01-01' from programme.premise where code = 'HOSTILE-1';
            insert into fleet.device (device_id, serial, model, hardware_revision, bucket, state, registered_at)
            values (720009999, 'HOSTILE-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
            insert into fleet.assignment (device_id, premise_id, assigned_from)
            select 720009999, premise_id, now() - interval '1 minute' from programme.premise where code = 'HOSTILE-1'`);
        const me = await visit('operator', '/map');
        await me.page.getByRole('tab', { name: /^Circuits/ }).click();
        assert.ok((await cells(me.page, '.map-side')).some((r) => r[1] === name));
        const csv = await me.page.evaluate(async (text) => (await import('/lib/csv.js')).csvText(
            [{ csv: 'name', raw: (r) => r.name }, { csv: 'n', raw: (r) => r.n }], [{ name: text, n: -4.5 }, { name: '@SUM(1)', n: null }, { name: 'a "b", c', n: 0 }]), name);
        assert.equal(csv, `name,n\r\n"'${name.replaceAll('"', '""')}",-4.5\r\n"'@SUM(1)",\r\n"a ""b"", c",0\r\n`);
        assert.equal(await me.page.evaluate(() => globalThis.ran), undefined);
        await done(me);
    });

    test('thousands of devices: how many are drawn is told, and a section of the map has all of its own', async () => {
        await new Maker(its().stack).sql(`insert into programme.premise (code, address, city, postal_code, geom)
            select 'MANY-' || n, n || ' Far Road', 'Many', '95000', st_setsrid(st_point(-119.4 + (n % 90) * 0.009, 38.9 + (n / 90) * 0.008), 4326) from generate_series(1, 5200) n;
            insert into fleet.device (device_id, serial, model, hardware_revision, bucket, state, registered_at)
            select 720001000 + n, 'MANY-' || n, (select min(model) from fleet.device_model), 'A', 0, 'registered', now() from generate_series(1, 5200) n;
            insert into fleet.assignment (device_id, premise_id, assigned_from)
            select 720001000 + substr(code, 6)::integer, premise_id, now() - interval '1 minute' from programme.premise where code like 'MANY-%'`);
        const me = await visit('operator', '/map?layers=devices');
        const all = (await read('/collections/devices/items?limit=1')).numberMatched;
        await me.page.getByText(`Only 5,000 of ${all.toLocaleString('en-US')} devices are here`).waitFor();
        assert.match(await me.page.getByRole('tab', { name: /^Devices/ }).textContent(), /5,000/);
        await me.page.getByRole('tab', { name: /^Devices/ }).click();
        assert.equal((await cells(me.page, '.map-side')).length, 100);
        await me.page.getByRole('button', { name: 'More' }).click();
        assert.equal((await cells(me.page, '.map-side')).length, 200);
        await me.page.keyboard.press('m');
        for (let n = 0; n < 6; n++) {
            await me.page.keyboard.press('+');
        }
        await me.page.getByRole('button', { name: 'Only this section' }).click();
        await me.page.getByText('one section of the map').waitFor();
        await settled(me.page);
        const box = new URL(me.page.url()).searchParams.get('bbox');
        const there = await read(`/collections/devices/items?bbox=${box}&limit=1`);
        assert.ok(there.numberMatched < 5000, String(there.numberMatched));
        assert.match(await me.page.getByRole('tab', { name: /^Devices/ }).textContent(), new RegExp(` ${there.numberMatched.toLocaleString('en-US')}$`));
        assert.equal(await me.page.getByText(/^Only 5,000/).count(), 0);
        await done(me);
    });
}
