// Tasks of an analyst and of an operator, from beginning to end, on real journals of devices and running firmware.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person, settled } from '../lib/browser.mjs';
import { until } from '../lib/stack.mjs';

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
        const row = me.page.locator('tr[aria-current]');
        await row.waitFor();
        assert.equal(await row.locator('th').textContent(), id, 'the row of what is chosen on the map');
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
        const chosen = await me.page.locator('tr[aria-current] th').textContent();
        assert.match(await me.page.locator('.map-card').textContent(), new RegExp(`^Outage ${chosen}:`));
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
}
