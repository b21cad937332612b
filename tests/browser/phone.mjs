// A phone in the field, for the suites of installers: at a page, with the key of the list, with jobs and labels to scan.
import assert from 'node:assert/strict';
import path from 'node:path';
import { looks, person, settled } from '../lib/browser.mjs';
import { job, pinKey } from './crew.mjs';
import { Maker } from './fixture.mjs';

const { name: _name, ...look } = looks.find((l) => l.isMobile);

/** How such a phone looks to a page. */
export const phone = { ...look, colorScheme: 'light' };

/** What a suite does with phones: { visit, newJob, sign, ... }; suites share `state` by sharing this. */
export function phonesOf(its) {
    let unique = 0;

    /** The list that is active is signed, whichever suite published it; { version, models } of it. */
    const sign = async () => {
        const { stack } = its();
        await stack.command('ctl', 'generators', 'sign', '--key', stack.file('secret/list.key'));
        return (await stack.request('GET', '/v1/generator-lists', { role: 'enrolment' })).body.items.find((l) => l.active);
    };
    const state = {}; // the active list

    /** A phone with the list's key, at a page; `done` closes it and has nothing to complain of. */
    async function visit(where = '/installer/', { role = 'installer', key = its().made.crew.listKey, ...options } = {}) {
        const { browser, stack } = its();
        state.active ??= await sign();
        const who = await person(browser, stack, role, { ...phone, ...options });
        const { page } = who;
        const go = async (to) => {
            await page.goto(stack.url + to);
            await settled(page);
        };
        if (key) {
            await pinKey(page, stack.url, key);
        }
        await go(where);
        return { ...who, go, done: async () => {
            await who.context.close();
            assert.deepEqual(who.faults, []);
        } };
    }

    /** Places enough for the jobs of this suite: it comes last, since this moves up whoever waits. */
    let places;
    const makePlaces = async () => {
        const { body: { items: [{ id }] } } = await its().stack.request('GET', '/v1/programmes/bptm/years', { role: 'operator' });
        const { status } = await its().stack.request('PATCH', `/v1/programme-years/${id}`, { role: 'operator', body: { quota: 500 }, headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' } });
        assert.equal(status, 200);
    };

    const newJob = async (more) => {
        await (places ??= makePlaces());
        const maker = new Maker(its().stack);
        maker.n = 700 + 10 * unique++;
        return job(maker, { name: `Field ${unique}`, street: `${unique} Field Street`, crew: `Crew ${unique}`, ...more });
    };
    const asStaff = (method, target, options) => its().stack.request(method, target, { role: 'enrolment', ...options });
    const visits = async (id) => (await asStaff('GET', `/v1/applications/${id}/visits`)).body.items;

    async function survey(page, { socket = '2S', amps = '200' } = {}) {
        await page.getByLabel('Form of the meter socket').selectOption(socket);
        await page.getByLabel('Main breaker of the panel').fill(amps);
    }
    const keepSurvey = (page) => page.getByRole('button', { name: 'Keep the survey' }).click();

    /** A picture of a label with a QR code, as a phone takes one: turned, not quite sharp, other print beside it. */
    async function labelPicture(text, file) {
        const { browser, stack } = its();
        const { page, context } = await person(browser, stack, 'installer', { viewport: { width: 900, height: 700 }, bypassCSP: true });
        await page.goto(`${stack.url}/installer/steps`);
        await settled(page);
        await page.evaluate(async (content) => {
            const { qrCode } = await import('/installer/qr.js');
            const code = await qrCode(content, 'code');
            const box = document.createElement('div');
            box.append(code, 'MODEL  SERIAL  120/240V ~ 60Hz  30A  MADE FOR OUTDOOR USE ONLY');
            Object.assign(box.style, { position: 'fixed', inset: '0', background: '#cfc9bd', color: '#333', padding: '120px 200px', transform: 'rotate(9deg) skewX(3deg)', filter: 'blur(0.8px) contrast(0.85)', zIndex: 99, fontSize: '20px' });
            Object.assign(code.firstChild.style, { width: '260px', height: '260px' });
            document.body.replaceChildren(box);
        }, text);
        const where = path.join(process.env.BPTM_WORK ?? '/var/tmp', file);
        await page.screenshot({ path: where, type: 'jpeg', quality: 70 });
        await context.close();
        return where;
    }

    /** Choose a picture in the scanner that is open. */
    async function scanPicture(page, file) {
        const chooser = page.waitForEvent('filechooser');
        await page.locator('dialog label', { hasText: 'Choose a picture' }).click();
        await (await chooser).setFiles(file);
    }

    return { visit, newJob, sign, state, asStaff, visits, survey, keepSurvey, labelPicture, scanPicture };
}
