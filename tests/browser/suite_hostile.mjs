// Hostile content is shown as it was written and does nothing; a page stays small.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { person, settled } from '../lib/browser.mjs';
import { Maker } from './fixture.mjs';

const markup = '<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>';
const names = {
    markup,
    'a closed attribute': '"><svg/onload=globalThis.ran=1>{{7*7}}${7*7}',
    'right to left': 'שרה כהן \u202Eevil\u202C مرحبا',
    emoji: '👩‍👩‍👧‍👦 🏳️‍🌈 é́́́́́',
    'one long word': 'W'.repeat(110),
    'a formula': '=HYPERLINK("https://elsewhere.example","x")',
};

export function hostile(its) {
    test('names, addresses and notes with markup, directions, emoji, formulas', async () => {
        const { stack, browser } = its();
        const maker = new Maker(stack);
        maker.n = 800;
        const who = await person(browser, stack, 'enrolment', { viewport: { width: 390, height: 844 } });
        let dialogs = 0;
        who.page.on('dialog', (d) => {
            dialogs++;
            d.dismiss();
        });
        const see = async (path, what, ...texts) => {
            await who.page.goto(stack.url + path);
            await settled(who.page);
            assert.equal(await who.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${what}: ${path} is wider than its window`);
            const shown = await who.page.evaluate(() => document.body.textContent);
            for (const text of texts) {
                assert.ok(shown.includes(text), `${what}: ${path} does not show it as it is`);
            }
        };
        for (const [what, name] of Object.entries(names)) {
            const made = await maker.apply({ name, street: `Hostile ${name}`.slice(0, 180) });
            const note = `${name} ${'long '.repeat(2000)}`.slice(0, 10_000).trim();
            await maker.post(`/v1/applications/${made.id}/notes`, { text: note });
            await maker.post(`/v1/applications/${made.id}/transitions`, { action: 'ask', reason: name.slice(0, 200) });
            for (const tab of ['details', 'history', 'notes']) {
                await see(`/application?id=${made.id}&tab=${tab}`, what, name);
            }
            assert.equal(await who.page.locator('.timeline .written').textContent(), note, what);
            await see(`/premise?id=${made.premise.id}`, what, name);
            await see(`/customer?id=${made.customer.id}&tab=held`, what, name, note);
        }
        for (const path of ['/queue?q=hostile', '/search?q=hostile', `/search?q=${encodeURIComponent(markup)}`]) {
            await see(path, 'all', ...(path.endsWith('hostile') ? Object.values(names) : [markup]));
        }
        assert.equal(await who.page.evaluate(() => globalThis.ran), undefined);
        assert.equal(dialogs, 0);
        assert.deepEqual(who.faults, []);
        await who.context.close();
    });

    test('formula cells leave as text', async () => {
        const maker = new Maker(its().stack);
        const id = await maker.bulk('premises', '=cmd.csv', `code,address,city,postal_code,longitude,latitude\nSP-F1,"=HYPERLINK(""x"")",@SUM(1),+1,-999,39\n`);
        const { body } = await its().stack.request('GET', `/v1/imports/${id}/rejects`, { role: 'enrolment' });
        const cells = body.split('\n')[1];
        assert.doesNotMatch(cells, /(^|,)"?[=+@-](?!\d+")/, 'only numbers begin with a sign');
        assert.match(cells, /"'=HYPERLINK/);
    });

    test('the first page comes in less than 150 KB', async (t) => {
        const { stack, browser } = its();
        const first = [['/sign-in'], ['/', 'enrolment'], ['/queue', 'enrolment'], ['/application?id=1', 'enrolment'], ['/', 'operator'], ['/map', 'operator'], ['/indices', 'analyst']];
        for (const [where, role] of first) {
            const who = await person(browser, stack, role);
            const cdp = await who.context.newCDPSession(who.page);
            let bytes = 0;
            await cdp.send('Network.enable');
            cdp.on('Network.loadingFinished', (e) => {
                bytes += e.encodedDataLength;
            });
            await who.page.goto(stack.url + where);
            await settled(who.page);
            t.diagnostic(`${where} ${role ?? ''}: ${(bytes / 1000).toFixed(1)} KB`);
            assert.ok(bytes > 5000 && bytes < 150_000, `${where}: ${bytes} bytes`);
            await who.context.close();
        }
    });
}
