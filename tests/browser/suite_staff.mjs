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

    test('a new application by keyboard: premise, customer, account, what is asked for; mistakes at their fields', async () => {
        const premise = await new Maker(its().stack).post('/v1/premises', { code: 'SP-NEW-12', address: '12 New Street', city: 'Nevada City', postal_code: '95959', longitude: -121.0161,
            latitude: 39.2616, circuit_id: '012345601', meter_number: '2044812', meter_form: '2S', service_amps: 200, service_voltage: '120/240' });
        const me = await visit();
        const mistake = () => me.page.locator('.field.wrong').evaluateAll((all) => all.map((f) => [f.dataset.name, f.querySelector('.mistake').textContent]));
        const type = async (label, text) => {
            await tabTo(me.page, label);
            await me.page.keyboard.type(text);
        };
        const step = (name) => me.page.waitForURL((url) => url.pathname === '/application-new' && url.searchParams.has(name)).then(() => settled(me.page));
        await me.page.keyboard.press('g');
        await me.page.keyboard.press('a');
        await me.at('/applications');
        await me.page.keyboard.press('n');
        await me.at('/application-new');
        await type('Find the premise', premise.meter_number);
        await me.page.waitForURL((url) => url.searchParams.has('q'));
        await settled(me.page);
        await tabTo(me.page, premise.code);
        await me.page.keyboard.press('Enter');
        await step('premise');
        assert.equal(await me.page.locator('[aria-current=step]').textContent(), 'Customer');
        await type('Name', 'Customer 12');
        await type('E-mail', 'nobody');
        await tabTo(me.page, 'Keep the customer');
        await me.page.keyboard.press('Enter');
        await me.page.locator('.field.wrong').waitFor();
        assert.deepEqual((await mistake()).map(([name]) => name), ['email']);
        assert.match(await focused(me.page), /^E-mail/, 'one goes on where the mistake is');
        await me.page.keyboard.press('End');
        await me.page.keyboard.type('@example.org');
        await me.page.keyboard.press('Enter');
        await step('customer');
        await type('Account number', 'AC-NEW-12');
        await tabTo(me.page, 'Keep the account');
        await me.page.keyboard.press('Enter');
        await step('account');
        await type('Generator: make', 'DuroMax');
        await me.page.keyboard.press('Enter');
        assert.deepEqual(await mistake(), [['model', 'is required']]);
        await me.page.keyboard.type('XP13000HX');
        for (const box of ['Owner, or has', 'Site access agreed', 'Survey agreed']) {
            await tabTo(me.page, box);
            await me.page.keyboard.press('Space');
        }
        await tabTo(me.page, 'Submit');
        await me.page.keyboard.press('Enter');
        await me.at('/application');
        const made = await read(new URL(me.page.url()).searchParams.get('id'));
        assert.deepEqual([made.premise_id, made.generator.model, made.attestations.survey_agreed, made.state === 'draft'], [premise.id, 'XP13000HX', true, false]);
        const { body: customer } = await its().stack.request('GET', `/v1/customers/${made.customer_id}`, { role: 'enrolment' });
        assert.deepEqual([customer.name, customer.email], ['Customer 12', 'nobody@example.org']);
        await done(me);
    });

    test('a note keeps its lines', async () => {
        const { id } = await apply();
        const me = await visit();
        await me.page.goto(`${its().stack.url}/application?id=${id}&tab=notes`);
        await me.page.locator('textarea[name=text]').fill('called back\n  asks for a Monday');
        await me.page.getByRole('button', { name: 'Keep the note' }).click();
        const note = me.page.locator('.timeline .written');
        await note.waitFor();
        assert.equal(await note.innerText(), 'called back\n  asks for a Monday');
        const { height, line } = await note.evaluate((p) => ({ height: p.getBoundingClientRect().height, line: parseFloat(getComputedStyle(p).lineHeight) }));
        assert.ok(height > 1.5 * line, `two lines are seen: ${height} px of ${line} px a line`);
        await done(me);
    });

    test('a roll-up of shutoffs by an operator: its columns as they are named, its times of a zone', async () => {
        const me = await visit('operator');
        await me.page.goto(`${its().stack.url}/import-new`);
        await settled(me.page);
        const zone = me.page.getByLabel(/^Time zone/);
        assert.equal(await zone.isVisible(), false, 'other kinds have none');
        await me.page.getByLabel('What is in it').selectOption('psps');
        await zone.fill('America/Los_Angeles');
        const csv = 'IOU,Circuit Name,Outage Start,Full Restoration,Total Customers,Remark\nPG&E,Elsewhere 7,10/26/2019 20:19,10/28/2019 20:44,"1,851",x\n';
        await me.page.locator('#file').setInputFiles({ name: 'psps.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
        await me.page.getByLabel('Remark').selectOption('');
        await me.page.getByLabel(/^Why/).fill('report of 2019');
        await me.page.getByRole('button', { name: 'Upload and check' }).click();
        await me.at('/import');
        await me.page.getByText('Dry run done').waitFor({ timeout: 60_000 });
        await me.page.getByRole('button', { name: /^Write 1 change/ }).click();
        await me.page.getByText('Written', { exact: true }).waitFor({ timeout: 60_000 });
        const { body } = await its().stack.request('GET', `/v1/imports/${new URL(me.page.url()).searchParams.get('id')}`, { role: 'operator' });
        assert.deepEqual([body.kind, body.state, body.creates, body.time_zone], ['psps', 'committed', 1, 'America/Los_Angeles']);
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
