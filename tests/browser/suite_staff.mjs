// Five tasks of enrolment staff, from beginning to end by keyboard alone, on the real server and database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person, settled } from '../lib/browser.mjs';
import { until } from '../lib/stack.mjs';
import { Maker, premisesCsv } from './fixture.mjs';

/** What has the focus, as it is called. */
const focused = (page) => page.evaluate(() => {
    const e = document.activeElement;
    return (e?.getAttribute('aria-label') ?? e?.labels?.[0]?.textContent ?? e?.textContent ?? '').trim();
});

/** Press Tab until what is called so has the focus. */
async function tabTo(page, name, most = 80) {
    for (let n = 0; n < most; n++) {
        await page.keyboard.press('Tab');
        if ((await focused(page)).startsWith(name)) {
            return;
        }
    }
    assert.fail(`Tab never comes to "${name}"`);
}

export function staff(its) {
    let unique = 0;
    const visit = async (role = 'enrolment') => {
        const who = await person(its().browser, its().stack, role);
        await who.page.goto(its().stack.url);
        await settled(who.page);
        return { ...who, at: async (path) => {
            await who.page.waitForURL((url) => url.pathname === path);
            await settled(who.page);
        } };
    };
    const done = async ({ context, faults }) => {
        await context.close();
        assert.deepEqual(faults, []);
    };
    const apply = (more) => {
        const maker = new Maker(its().stack);
        maker.n = 500 + 10 * unique++;
        return maker.apply({ name: `Task ${unique}`, street: `${unique} Task Street`, ...more });
    };
    const read = async (id) => (await its().stack.request('GET', `/v1/applications/${id}`, { role: 'enrolment' })).body;

    test('a meter is received and handed out, and the page says from hand to hand', async () => {
        const serial = 'BT-CUSTODY', put = (role, target, body) => its().stack.request('POST', target, { role, body });
        assert.equal((await put('operator', '/v1/devices', { serial, public_key: 'c5'.repeat(32), model: 'BPTM-REF-30', hardware_revision: 'A' })).status, 201);
        const me = await visit();
        await me.page.goto(`${its().stack.url}/custody?serial=${serial}`);
        await settled(me.page);
        const act = async (action, to, reason) => {
            await me.page.getByRole('button', { name: action, exact: true }).click();
            const dialog = me.page.getByRole('dialog');
            if (to) await dialog.getByLabel(/that gets it/).fill(to);
            if (reason) await dialog.getByLabel(/Reason/).fill(reason);
            await dialog.getByRole('button', { name: action, exact: true }).click();
        };
        await act('Receive', 'Depot East', 'delivery 17');
        await me.page.locator('tr', { hasText: 'delivery 17' }).waitFor();
        await act('Hand out', 'Crew 4');
        await me.page.locator('tr', { hasText: 'handed out' }).waitFor();
        assert.match(await me.page.locator('.facts').textContent(), /with a crew.*Crew 4/);
        assert.equal(await me.page.getByRole('button', { name: 'Scrap' }).count(), 0, 'what the state does not have is not offered');
        const { body } = await its().stack.request('GET', `/v1/devices/${serial}/custody`, { role: 'operator' });
        assert.deepEqual(body.entries.map((e) => [e.action, e.holder, e.reason]), [['receive', 'Depot East', 'delivery 17'], ['hand_out', 'Crew 4', null]]);
        await done(me);
    });

    test('find an application by its meter and read why it is not eligible', async () => {
        const made = await apply({ place: { city: 'Davis', postal_code: '95616', longitude: -121.7405, latitude: 38.5449, circuit_id: '012345699' } });
        const me = await visit();
        await me.page.keyboard.press('/');
        await me.page.keyboard.type(made.premise.meter_number);
        await me.page.keyboard.press('Enter');
        await me.at('/search');
        await me.page.keyboard.press('j');
        assert.equal(await focused(me.page), String(made.id));
        await me.page.keyboard.press('Enter');
        await me.at('/application');
        await me.page.getByText('Not eligible', { exact: true }).first().waitFor();
        const area = me.page.locator('.rules tr', { hasText: 'Area' });
        assert.match(await area.textContent(), /Fail.*The premise is in none of these areas/);
        await me.page.getByRole('img', { name: /^Map of the place/ }).waitFor();
        await done(me);
    });

    test('take the next one from the queue, ask the customer, and see it in the history', async () => {
        const made = await apply({ premise: { service_voltage: undefined } });
        await new Maker(its().stack).sql(`update programme.application set state_since = now() - interval '400 days' where application_id = ${made.id}`);
        const me = await visit();
        await me.page.keyboard.press('g');
        await me.page.keyboard.press('q');
        await me.at('/queue');
        await me.page.keyboard.press('j');
        assert.equal(await focused(me.page), String(made.id), 'the one that waits longest is first');
        await me.page.keyboard.press('Enter');
        await me.at('/application');
        await me.page.keyboard.press('m');
        await me.page.getByText('Assigned to stack enrolment.').waitFor();
        await settled(me.page);
        await tabTo(me.page, 'Ask the customer');
        await me.page.keyboard.press('Enter');
        await tabTo(me.page, 'Reason');
        await me.page.keyboard.type('Which voltage is on the label?');
        await tabTo(me.page, 'Ask the customer');
        await me.page.keyboard.press('Enter');
        await me.page.getByText('Ask the customer: now needs information.').waitFor();
        await settled(me.page);
        const now = await read(made.id);
        assert.deepEqual([now.state, now.state_reason, now.assignee], ['needs_information', 'Which voltage is on the label?', 'stack enrolment']);
        await me.page.keyboard.press('4');
        await me.page.getByText('Before', { exact: true }).first().waitFor();
        const text = await me.page.getByRole('tabpanel').innerText();
        assert.match(text, /Ask the customer[\s\S]*Which voltage is on the label\?[\s\S]*assignee\s+–\s+stack enrolment/);
        await done(me);
    });

    test('a refused action says why, and an allowed one is done', async () => {
        const made = await apply();
        const me = await visit();
        await me.page.keyboard.press('/');
        await me.page.keyboard.type(String(made.id));
        await me.page.keyboard.press('Enter');
        await me.at('/search');
        await me.page.keyboard.press('j');
        await me.page.keyboard.press('Enter');
        await me.at('/application');
        const [refused] = made.actions.filter((a) => !a.allowed);
        await me.page.getByText(`Not now: ${refused.refusals[0].sentence}`).first().waitFor();
        const allowed = made.actions.find((a) => a.allowed && ['approve', 'waitlist'].includes(a.action));
        await tabTo(me.page, { approve: 'Approve', waitlist: 'Put on the waiting list' }[allowed.action]);
        await me.page.keyboard.press('Enter');
        await until('it is done', async () => (await read(made.id)).state === allowed.to);
        await settled(me.page);
        if (allowed.to === 'waitlisted') {
            await me.page.getByText('Place on the waiting list').waitFor();
        }
        await done(me);
    });

    test('a bulk import: mapping guessed, dry run, reload, written', async () => {
        const me = await visit();
        await me.page.keyboard.press('g');
        await me.page.keyboard.press('i');
        await me.at('/imports');
        await me.page.keyboard.press('n');
        await me.at('/import-new');
        const chooser = me.page.waitForEvent('filechooser');
        await tabTo(me.page, 'CSV or XLSX file');
        await me.page.keyboard.press('Enter');
        const csv = premisesCsv(1200, 2000).replace(/\n$/, '\nSP-BAD,,Nevada City,95959,-121.01,39.2650,9\n');
        await (await chooser).setFiles({ name: 'november.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
        await tabTo(me.page, 'Service point');
        assert.deepEqual(await me.page.locator('[data-column]').evaluateAll((all) => all.map((s) => s.value)),
            ['code', 'address', 'city', 'postal_code', 'longitude', 'latitude', 'meter_number']);
        await me.page.keyboard.press('Shift+Tab');
        await me.page.getByLabel('Why').focus();
        await me.page.keyboard.type('monthly extract');
        await tabTo(me.page, 'The good rows');
        await me.page.keyboard.press('Space');
        await tabTo(me.page, 'Upload and check');
        await me.page.keyboard.press('Enter');
        await me.at('/import');
        await me.page.reload();
        await me.page.getByText('Dry run done').waitFor({ timeout: 60_000 });
        await settled(me.page);
        await me.page.getByText('SP-IMP-2000').waitFor();
        const id = new URL(me.page.url()).searchParams.get('id');
        const rejects = await me.page.evaluate(async (p) => (await fetch(p)).text(), `/v1/imports/${id}/rejects`);
        assert.match(rejects, /SP-BAD/);
        await tabTo(me.page, 'Write 1,200 changes');
        await me.page.keyboard.press('Enter');
        await me.page.getByText('Written', { exact: true }).waitFor({ timeout: 60_000 });
        const { body } = await its().stack.request('GET', '/v1/premises?q=SP-IMP-3199', { role: 'enrolment' });
        assert.equal(body.items[0].address, '3199 Lava Cap Road');
        await done(me);
    });

    test('a new generator list: the difference is read, then it is published', async () => {
        const { stack } = its();
        const csv = await stack.text('sample/generators.csv');
        const lines = csv.trimEnd().split('\n');
        const target = stack.file('sample/generators-next.csv');
        await stack.command('run', 'sh', '-c', 'printf "%s\\n" "$1" > "$2"', 'sh', [lines[0], ...lines.slice(2)].join('\n'), target);
        await stack.command('ctl', 'import', 'generators', target, '--source', 'autumn list');
        const me = await visit();
        await me.page.keyboard.press('g');
        await me.page.keyboard.press('p');
        await me.at('/publications');
        await me.page.keyboard.press('j');
        await me.page.keyboard.press('Enter');
        await me.at('/publication');
        await me.page.getByRole('heading', { name: /^Removed/ }).waitFor();
        await tabTo(me.page, 'Preview whom it moves');
        await me.page.keyboard.press('Enter');
        await me.page.getByRole('button', { name: 'Publish this list' }).waitFor();
        await tabTo(me.page, 'Publish this list');
        await me.page.keyboard.press('Enter');
        await me.at('/publications');
        const { body } = await stack.request('GET', '/v1/generator-lists', { role: 'enrolment' });
        const active = body.items.find((l) => l.active);
        assert.deepEqual([active.source, active.models], ['autumn list', lines.length - 2]);
        await done(me);
    });

    test('filters live in the URL: kept by a reload, gone back to', async () => {
        const me = await visit();
        await me.page.goto(`${its().stack.url}/queue`);
        await settled(me.page);
        await me.page.getByLabel('State').focus();
        await me.page.keyboard.type('Elig');
        await me.page.waitForURL('**/queue?state=eligible');
        await settled(me.page);
        await me.page.reload();
        await settled(me.page);
        assert.equal(await me.page.getByLabel('State').inputValue(), 'eligible');
        assert.deepEqual([...new Set(await me.page.locator('tbody .tag').allTextContents())], ['Eligible']);
        await me.page.keyboard.press('j');
        await me.page.keyboard.press('j');
        await me.page.keyboard.press('k');
        await me.page.keyboard.press('Enter');
        await me.at('/application');
        await me.page.goBack();
        await me.page.waitForURL('**/queue?state=eligible');
        await done(me);
    });
}
