// The frame of the pages: signing in and out, roles, theme, time, help, and the keyboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person, settled } from '../lib/browser.mjs';
import { until } from '../lib/stack.mjs';

export function shell(its) {
    const visit = async (role, where, options) => {
        const who = await person(its().browser, its().stack, role, options);
        await who.page.goto(its().stack.url + where);
        await settled(who.page);
        return who;
    };

    test('signing in with a token by keyboard, back to where one wanted to be, and out', async () => {
        const { page, faults, context } = await visit(undefined, '/?from=link');
        await page.waitForURL('**/sign-in?next=%2F%3Ffrom%3Dlink');
        await page.keyboard.type('bptm_wrong');
        await page.keyboard.press('Enter');
        await page.getByText('A valid access token is required').waitFor();
        await page.getByLabel('Access token').fill(its().stack.tokens.operator);
        await page.keyboard.press('Enter');
        await page.waitForURL(`${its().stack.url}/?from=link`);
        await settled(page);
        assert.equal(await page.locator('.who .name').textContent(), 'stack operator');
        const visible = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }) + document.documentElement.outerHTML);
        assert.ok(!visible.includes('bptm_session') && !visible.includes(its().stack.tokens.operator), 'no secret where scripts can read');
        const [cookie] = await context.cookies();
        assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/']);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL('**/sign-in');
        assert.equal((await context.request.get(`${its().stack.url}/v1/session`, { headers: { cookie: `${cookie.name}=${cookie.value}` } })).status(), 401);
        assert.deepEqual(faults, []);
        await context.close();
    });

    test('a person ends the own sessions elsewhere, and an operator those of others', async () => {
        const [here, there, other] = [await visit('operator', '/sessions'), await visit('operator', '/'), await visit('analyst', '/')];
        const lost = (who) => until('the end of it', async () => (await who.context.request.get(`${its().stack.url}/v1/session`)).status() === 401);
        const everybody = here.page.locator('section', { hasText: 'Everybody' });
        await everybody.getByLabel('Of').fill('stack analyst');
        await until('the others gone from the list', async () => await everybody.getByRole('cell', { name: 'stack operator' }).count() === 0);
        await everybody.getByRole('button', { name: 'End', exact: true }).first().click();
        await lost(other);
        await here.page.getByRole('button', { name: 'End all others' }).click();
        await lost(there);
        await here.page.goto(`${its().stack.url}/sessions`);
        await here.page.getByRole('region', { name: 'Your sessions' }).getByRole('button', { name: 'Sign out here' }).click();
        await here.page.waitForURL('**/sign-in');
        for (const who of [here, there, other]) {
            assert.deepEqual(who.faults, []);
            await who.context.close();
        }
    });

    test('no way out through ?next', async () => {
        const { page, context } = await visit(undefined, '/sign-in');
        for (const next of ['https://elsewhere.example/', '//elsewhere.example/', '/\\elsewhere.example/', 'javascript:alert(1)']) {
            await context.clearCookies();
            await page.goto(`${its().stack.url}/sign-in?next=${encodeURIComponent(next)}`);
            await page.getByLabel('Access token').fill(its().stack.tokens.analyst);
            await page.keyboard.press('Enter');
            await page.waitForURL(`${its().stack.url}/`);
        }
        await context.close();
    });

    test('theme and zone are switched, and stay', async () => {
        const { page, context } = await visit('operator', '/', { colorScheme: 'light' });
        const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
        const light = await ground();
        await page.getByRole('button', { name: 'Theme: system' }).click();
        await page.getByRole('button', { name: 'Theme: light' }).click();
        const dark = await ground();
        assert.notEqual(light, dark);
        await page.getByRole('button', { name: 'Times: local' }).click();
        await page.reload();
        await settled(page);
        assert.equal(await ground(), dark);
        await page.getByRole('button', { name: 'Times: UTC' }).waitFor();
        await context.close();
    });

    test('? tells the keys, and they can be turned off', async () => {
        const { page, context } = await visit('enrolment', '/');
        await page.keyboard.press('/');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'find');
        await page.keyboard.press('?');
        assert.equal(await page.locator('dialog').count(), 0, 'not while typing');
        await page.evaluate(() => document.activeElement.blur());
        await page.keyboard.press('?');
        await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
        await page.getByLabel('Single-key shortcuts are on').uncheck();
        await page.keyboard.press('Escape');
        await page.keyboard.press('/');
        assert.notEqual(await page.evaluate(() => document.activeElement.id), 'find');
        await context.close();
    });

    test('what a page would run is refused by its policy', async () => {
        const { page, context, faults } = await visit('operator', '/');
        const outcome = await page.evaluate(() => {
            const box = document.createElement('div');
            try {
                box.innerHTML = '<img src=x onerror="globalThis.ran = true">';
            } catch (error) {
                return error.name;
            }
            return 'parsed';
        });
        assert.equal(outcome, 'TypeError');
        await until('the report', () => faults.some((f) => f.includes('require-trusted-types-for')));
        await context.close();
    });
}
