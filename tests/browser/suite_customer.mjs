// One customer, by staff and admin: what is held, read and saved; the erasure, refused with its reasons and done.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { axeFaults, person, settled } from '../lib/browser.mjs';
import { Maker } from './fixture.mjs';

export function customer(its) {
    const maker = (n) => Object.assign(new Maker(its().stack), { n });
    const exported = async (id) => (await its().stack.request('GET', `/v1/customers/${id}/export`, { role: 'enrolment' })).body;
    const visit = async (role, path, options) => {
        const who = await person(its().browser, its().stack, role, options);
        await who.page.goto(its().stack.url + path);
        await settled(who.page);
        return who;
    };
    const done = async ({ context, faults }) => {
        await context.close();
        assert.deepEqual(faults, []);
    };

    test('staff find a customer, see all that is held with who has read it, and save it', async () => {
        const made = await maker(960).apply({ name: 'Customer Sixtyone', street: '61 Held Street', customer: { email: 'c61@example.org' } });
        await maker(0).post(`/v1/applications/${made.id}/notes`, { text: 'Calls back\non Mondays' });
        const me = await visit('enrolment', '/search?q=sixtyone');
        await me.page.getByRole('region', { name: /^Customers/ }).getByRole('link', { name: 'Customer Sixtyone' }).click();
        await me.page.waitForURL((url) => url.pathname === '/customer' && url.searchParams.get('id') === String(made.customer.id));
        await settled(me.page);
        assert.match(await me.page.locator('main').textContent(), /c61@example\.org.*AC-77961/);
        assert.equal(await me.page.getByRole('button', { name: /Erase/ }).count(), 0, 'it is for the admin');
        assert.ok(!(await exported(made.customer.id)).reads.some((r) => /export$/.test(r.path)), 'nobody has asked for all of it yet');
        await me.page.keyboard.press('2');
        const panel = me.page.getByRole('tabpanel');
        await panel.getByRole('heading', { name: `Application ${made.id}` }).waitFor();
        assert.match(await panel.getByRole('region', { name: 'Accounts, now or before' }).textContent(), /AC-77961.*61 Held Street/);
        await panel.getByText('Notes (1)').click();
        assert.equal(await panel.getByText('Calls back').innerText(), 'Calls back\non Mondays');
        assert.match(await panel.getByRole('region', { name: 'Who has read it' }).textContent(), new RegExp(`[0-9a-f]{8}enrolment.*name, email, phone.*/v1/customers/${made.customer.id}`));
        const [file] = await Promise.all([me.page.waitForEvent('download'), me.page.getByRole('button', { name: 'Save as JSON' }).click()]);
        assert.equal(file.suggestedFilename(), `customer-${made.customer.id}.json`);
        const { reads, ...saved } = JSON.parse(await readFile(await file.path(), 'utf8'));
        const { reads: now, ...told } = await exported(made.customer.id);
        assert.deepEqual(saved, told);
        assert.equal(now.filter((r) => /export$/.test(r.path)).length, 2, 'both who asked for all of it, the page once');
        assert.ok(reads.length > 0 && reads.length < now.length);
        await done(me);
    });

    test('an admin erases a person: told what is lost and what stays, refused with every reason, then done', async () => {
        const made = await maker(970).apply({ name: 'Customer Seventyone', street: '71 Gone Street', customer: { medical_baseline: true } });
        const { id } = made.customer, reason = 'asked for by letter of 2 March';
        await maker(0).post(`/v1/applications/${made.id}/notes`, { text: 'Seventyone has a red door' });
        const importId = await maker(0).bulk('accounts', 'accounts.csv', `number,premise_code,kind,customer_name\nAC-77971,${made.premise.code},residential,Customer Seventyone\n`);
        await maker(0).sql(`insert into person.unsealed (customer_id, name) values (${id}, 'Customer Seventyone')`);
        const me = await visit('admin', `/customer?id=${id}`, { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
        const dialog = me.page.getByRole('dialog');
        await me.page.getByRole('button', { name: 'Erase this person' }).click();
        assert.match(await dialog.textContent(), /Lost for ever: name, e-mail.*Customer Seventyone.*What stays: .*Medical Baseline.*audit.*backup/s);
        assert.deepEqual(await axeFaults(me.page, its().axe), []);
        const confirm = dialog.getByRole('button', { name: 'Erase for ever' });
        await confirm.click();
        await dialog.locator('.field.wrong', { hasText: 'is required' }).waitFor();
        await dialog.getByLabel('Reason').fill(reason);
        await confirm.click();
        await dialog.getByRole('alert').locator('li').first().waitFor();
        const why = await dialog.getByRole('alert').locator('li').allInnerTexts();
        const { body: refused } = await its().stack.request('POST', `/v1/customers/${id}/erasures`, { role: 'admin', body: { reason } });
        assert.deepEqual(refused.errors.map((e) => e.rule), ['ACCOUNT', 'APPLICATION', 'IMPORT', 'UNSEALED']);
        assert.deepEqual(why.map((w) => w.trim()), refused.errors.map((e) => e.detail));
        assert.equal(await dialog.getByText(refused.detail).count(), 1, 'what is listed is not said twice');
        await dialog.getByText('nothing personal').waitFor(); // the help is back where the mistake was
        assert.deepEqual(await axeFaults(me.page, its().axe), []);
        await maker(0).post(`/v1/accounts/${made.account_id}/move-out`, {});
        await maker(0).post(`/v1/imports/${importId}/cancel`);
        await maker(0).sql(`delete from person.unsealed where customer_id = ${id}`);
        await confirm.click();
        await me.page.getByText('Erased.', { exact: true }).waitFor();
        await dialog.waitFor({ state: 'detached' });
        await settled(me.page);
        assert.doesNotMatch(await me.page.locator('main').textContent(), /Seventyone/);
        await me.page.locator('h2', { hasText: 'Erased' }).waitFor();
        assert.equal(await me.page.getByRole('button', { name: 'Erase this person' }).count(), 0);
        const { customer: kept, changes, applications } = await exported(id);
        assert.deepEqual([kept.name, kept.medical_baseline, changes.at(-1).action, changes.at(-1).reason, applications[0].notes[0].text], [null, true, 'customer.erase', reason, null]);
        await me.page.goto(`${its().stack.url}/application?id=${made.id}&tab=notes`);
        await settled(me.page);
        assert.equal(await me.page.getByRole('link', { name: 'Erased' }).getAttribute('href'), `/customer?id=${id}`);
        await me.page.locator('.timeline').getByText('Erased.').waitFor();
        await done(me);
    });
}
