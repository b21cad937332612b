// Tasks of an installer, from beginning to end, on the real server and database: with the server stopped, with a picture
// of a label and a camera, with a real simulated meter, and on paper.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openBrowser, person, settled } from '../lib/browser.mjs';
import { until } from '../lib/stack.mjs';
import { isKept, pinKey, simulated } from './crew.mjs';
import { Maker } from './fixture.mjs';
import { phone, phonesOf } from './phone.mjs';

const run = promisify(execFile);
const WEIGHT_MAX = 60 * 1024;
const TARGET_MIN = 44;

export function installer(its) {
    const { visit, newJob, sign, state, asStaff, visits, survey, keepSurvey, labelPicture, scanPicture } = phonesOf(its);

    test('a verdict in two taps, small and soon, and the server says the same', async (t) => {
        state.active ??= await sign();
        const first = await person(its().browser, its().stack, 'installer', { ...phone, serviceWorkers: 'block' });
        let weight = 0;
        first.page.on('response', (r) => {
            const path_ = new URL(r.url()).pathname;
            if (path_ !== '/v1/generator-lists/current/offline') {
                weight += Number(r.headers()['content-length']);
            }
        });
        await first.page.goto(`${its().stack.url}/installer/`);
        await settled(first.page);
        await first.page.getByRole('button', { name: /^DuroMax/ }).waitFor();
        const soon = await first.page.evaluate(() => Math.round(performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd));
        await first.context.close();
        assert.ok(weight > 20_000 && weight < WEIGHT_MAX, `${weight} bytes before the list`);
        t.diagnostic(`DOMContentLoaded after ${soon} ms`);
        const me = await visit('/installer/');
        t.diagnostic(`${weight} bytes, compressed, before the list`);
        await me.page.getByRole('button', { name: /^DuroMax/ }).click();
        await me.page.getByRole('button', { name: /^XP13000HX/ }).click();
        await me.page.getByText('The server says the same').waitFor();
        const { body } = await its().stack.request('GET', '/v1/compatibility?make=DuroMax&model=XP13000HX', { role: 'installer' });
        const text = await me.page.locator('main').innerText();
        assert.match(text, /DuroMax XP13000HX\s+Will work, with a condition[\s\S]*Full power \(FULL\)/);
        assert.match(text, new RegExp(`List version ${state.active.version}, published \\d{4}-\\d\\d-\\d\\d, signed \\d{4}-\\d\\d-\\d\\d \\(today\\)`));
        for (const rule of body.rules) {
            assert.ok(text.includes(rule.sentence) && text.includes(rule.code), rule.code);
        }
        assert.deepEqual((await me.page.locator('.findings code').allTextContents()).sort(), body.rules.map((r) => r.code).sort());
        await me.page.goBack();
        await me.page.getByRole('button', { name: /^XP13000HX/ }).waitFor();
        await me.done();
    });

    test('typed with errors it is understood, and a bonded neutral says what to do', async () => {
        const me = await visit();
        const ask = async (text) => {
            await me.go('/installer/');
            await me.page.getByLabel('Make and model').fill(text);
            await me.page.keyboard.press('Enter');
            await settled(me.page);
            return me.page.locator('main').innerText();
        };
        assert.match(await ask('hunda eu7000is'), /Understood from: hunda eu7000is[\s\S]*Honda EU7000iS/);
        assert.match(await ask('westinghouse wgen7500df'), /neutral of this set is bonded[\s\S]*maker’s manual[\s\S]*no continuity/);
        assert.match(await ask('duromax xp13'), /Which one is it\?[\s\S]*XP13000HX/);
        assert.match(await ask('Qwertz 99 zzz'), /Not known[\s\S]*That is no “no”/);
        await me.page.getByText('Read it from the label instead').click();
        await me.page.getByLabel('Outlet for the cord').selectOption('L14-30R');
        await me.page.getByLabel('Volts of that outlet').selectOption('120/240');
        await me.page.getByLabel('Running watts').fill('7500');
        await me.page.getByLabel('Breaker of that outlet').fill('30');
        await me.page.getByLabel('Neutral', { exact: true }).selectOption('bonded');
        await me.page.getByLabel('GFCI').selectOption('yes');
        await me.page.getByRole('button', { name: 'Ask with this' }).click();
        await me.page.getByText('By its label', { exact: true }).waitFor();
        const { body } = await its().stack.request('GET', '/v1/compatibility?receptacle=L14-30R&volts=120/240&watts=7500&breaker=30&neutral=bonded&gfci=yes', { role: 'installer' });
        const said = await me.page.locator('details .findings').innerText();
        body.rules.forEach((r) => assert.ok(said.includes(r.sentence), r.sentence));
        await me.done();
    });

    test('a label is scanned from a picture', async (t) => {
        const me = await visit();
        if (!(await me.page.evaluate(async () => (await fetch('/vendor/jsqr.js')).ok && (await fetch('/vendor/qrcode.js')).ok))) {
            await me.done();
            t.skip('NOT CHECKED: this build lacks jsqr or qrcode-generator (server/www/bring.sh says why)');
            return;
        }
        const empty = path.join(process.env.BPTM_WORK ?? '/var/tmp', 'no-code.png');
        await writeFile(empty, await me.page.screenshot());
        await me.page.getByRole('button', { name: 'Scan', exact: true }).click();
        await scanPicture(me.page, empty);
        await me.page.getByText('No code was found in this picture.').waitFor();
        await scanPicture(me.page, await labelPicture('Westinghouse WGen9500DF S/N 8841', 'label.jpg'));
        await me.page.getByText(/Westinghouse WGen9500/).first().waitFor();
        await me.done();
    });

    test('a label is scanned by the camera; at a plain http address the pages say what they cannot do', async (t) => {
        const { stack } = its();
        const has = await Promise.all(['jsqr', 'qrcode'].map(async (n) => (await fetch(`${stack.url}/vendor/${n}.js`)).ok));
        if (has.includes(false)) {
            t.skip('NOT CHECKED: this build lacks jsqr or qrcode-generator (server/www/bring.sh says why)');
            return;
        }
        const film = `${await labelPicture('DuroMax XP13000HX', 'film.jpg')}.mjpeg`;
        await copyFile(film.replace(/\.mjpeg$/, ''), film);
        const { browser } = await openBrowser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`, '--host-resolver-rules=MAP meters.test 127.0.0.1']);
        try {
            const { page, context, faults } = await person(browser, stack, 'installer', { ...phone, permissions: ['camera'] });
            await pinKey(page, stack.url, its().made.crew.listKey);
            await page.goto(`${stack.url}/installer/`);
            await settled(page);
            await page.getByRole('button', { name: 'Scan', exact: true }).click();
            await page.getByRole('button', { name: 'Use the camera' }).click();
            await page.locator('.answer').waitFor();
            assert.match(await page.locator('.answer').innerText(), /DuroMax XP13000HX/);
            assert.equal(await page.locator('dialog').count(), 0, 'the camera is off again');
            assert.deepEqual(faults, []);
            const [cookie] = await context.cookies();
            const plain = `http://meters.test:${new URL(stack.url).port}`;
            await context.addCookies([{ ...cookie, domain: 'meters.test' }]);
            await page.goto(`${plain}/installer/set-up`);
            await settled(page);
            assert.equal(await page.getByText('needs an https address').count(), 2);
            await page.goto(`${plain}/installer/?make=DuroMax&model=XP13000HX`);
            await page.getByText('The server’s answer').waitFor();
        } finally {
            await browser.close();
        }
    });

    test('with the server stopped: verdict, jobs and entries; then all is sent with its own time', async () => {
        const { stack } = its();
        const one = await newJob(), two = await newJob();
        const me = await visit('/installer/jobs');
        await isKept(me.page);
        await until('the job is taken along', () => me.page.evaluate(async (id) => {
            const { kept } = await import('/installer/keep.js');
            return Boolean(await kept.get(`job:${id}`));
        }, two.id));
        await stack.stop('bptmd');
        try {
            await me.go('/installer/');
            await me.page.getByText('No network', { exact: true }).waitFor();
            await me.page.getByRole('button', { name: /^DuroMax/ }).click();
            await me.page.getByRole('button', { name: /^XP13000HX/ }).click();
            await me.page.getByText('No network: the signed list alone').waitFor();
            assert.match(await me.page.locator('.answer').innerText(), new RegExp(`Will work, with a condition[\\s\\S]*List version ${state.active.version}, published`));
            await me.go('/installer/jobs');
            await me.page.getByText('No network: this is how it was').waitFor();
            for (const made of [one, two]) {
                await me.go(`/installer/job?id=${made.id}`);
                await survey(me.page, made === two ? { amps: '400' } : {});
                if (made === two) {
                    assert.equal(await me.page.getByLabel('Result').inputValue(), 'rejected');
                    await me.page.getByLabel('Why it was rejected').fill('The panel is a 400 A one.');
                }
                await keepSurvey(me.page);
                await me.page.getByText('Kept on this phone; it is sent when there is a network.').waitFor();
            }
            await me.page.reload();
            await settled(me.page);
            await me.page.getByText('Panel survey: rejected, 2S, 400 A').waitFor();
            await me.go('/installer/outbox');
            assert.equal(await me.page.locator('[data-entry]').count(), 2);
        } finally {
            await stack.start('bptmd');
        }
        const back = new Date().toISOString();
        await me.page.getByRole('button', { name: 'Try to send now' }).click();
        await me.page.getByText('Nothing waits').waitFor();
        for (const [made, result] of [[one, 'installable'], [two, 'rejected']]) {
            const [v, ...others] = await visits(made.id);
            assert.deepEqual([v.result, others.length], [result, 0]);
            const entered = await me.page.evaluate(async (id) => {
                const { entries } = await import('/installer/outbox.js');
                return (await entries()).find((e) => e.job === id);
            }, made.id);
            assert.equal(v.visited_at, entered.body.visited_at);
            assert.ok(v.visited_at < back && entered.sent_at > back, `${v.visited_at} < ${back} < ${entered.sent_at}`);
        }
        await me.done();
    });

    test('an answer that got lost on its way is not a second visit', async () => {
        const made = await newJob();
        const me = await visit(`/installer/job?id=${made.id}`);
        await isKept(me.page);
        let lost = 0;
        await me.page.route('**/visits', async (route) => {
            if (route.request().method() === 'POST' && lost++ === 0) {
                await route.fetch();
                await route.abort();
            } else {
                await route.continue();
            }
        });
        await survey(me.page);
        await keepSurvey(me.page);
        await me.page.getByText('Kept on this phone').waitFor();
        await me.go('/installer/outbox');
        await until('it is sent', () => me.page.evaluate(async () => {
            const { entries, sendAll } = await import('/installer/outbox.js');
            await sendAll();
            return (await entries()).every((e) => e.state === 'sent');
        }));
        assert.equal((await visits(made.id)).length, 1);
        assert.equal(lost, 2);
        await me.done();
    });

    test('what was changed meanwhile is refused, both sides are shown, and a person decides', async () => {
        const gone = await newJob(), moved = await newJob();
        const me = await visit('/installer/jobs');
        await isKept(me.page);
        await me.go(`/installer/job?id=${moved.id}`);
        await me.go(`/installer/job?id=${gone.id}`);
        await me.context.setOffline(true);
        await survey(me.page);
        await keepSurvey(me.page);
        await me.page.getByText('Kept on this phone').waitFor();
        await me.go(`/installer/job?id=${moved.id}`);
        await me.page.getByRole('button', { name: 'Nobody there' }).click();
        await me.page.getByRole('button', { name: 'It was missed' }).click();
        await me.page.getByText('Kept on this phone').waitFor();
        await asStaff('POST', `/v1/applications/${gone.id}/transitions`, { body: { action: 'withdraw', reason: 'the customer has sold the house' } });
        const target = `/v1/appointments/${moved.appointment.id}`;
        const later = (at) => new Date(Date.parse(at) + 86_400_000).toISOString();
        const patched = await asStaff('PATCH', target, { body: { starts_at: later(moved.appointment.starts_at), ends_at: later(moved.appointment.ends_at) }, headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' } });
        assert.equal(patched.status, 200);
        await me.context.setOffline(false);
        await me.go('/installer/outbox');
        const entry = (title) => me.page.locator('[data-entry]', { hasText: title });
        await entry('Panel survey').getByText('Withdrawn', { exact: true }).waitFor();
        const refused = await entry('Panel survey').innerText();
        assert.match(refused, /An application that is withdrawn does not have the action confirm/);
        assert.match(refused, /What you entered[\s\S]*200[\s\S]*What the server has[\s\S]*No visit/);
        const stale = entry(': missed');
        await stale.getByText('What the server has').waitFor();
        await stale.getByText('planned').waitFor();
        await me.page.reload();
        await settled(me.page);
        assert.equal(await me.page.locator('[data-entry]').count(), 2, 'nothing was lost by a reload');
        await stale.getByRole('button', { name: 'Send mine over it' }).click();
        await me.page.getByText('Sent.').waitFor();
        assert.equal((await asStaff('GET', target)).body.status, 'missed');
        await entry('Panel survey').getByRole('button', { name: 'Give it up …' }).click();
        await me.page.getByRole('button', { name: 'Give it up', exact: true }).click();
        await me.page.getByText('Nothing waits').waitFor();
        await entry('Panel survey').getByText('Given up', { exact: true }).waitFor();
        assert.deepEqual(await visits(gone.id), []);
        await me.done();
    });

    test('a job from the panel to the receipt, with a real simulated meter', async (t) => {
        const { stack } = its();
        const meter = await simulated(stack, 4);
        await new Maker(stack).post('/v1/devices', meter, 'operator');
        const made = await newJob({ purpose: 'installation' });
        const me = await visit(`/installer/job?id=${made.id}`);
        const { page } = me;
        await survey(page);
        await keepSurvey(page);
        await page.getByText('Sent to the server.').waitFor();
        const photo = path.join(process.env.BPTM_WORK ?? '/var/tmp', 'panel.png');
        await writeFile(photo, await page.screenshot());
        await page.getByLabel('Picture, if it is on this phone').setInputFiles(photo);
        assert.equal(await page.getByLabel('Where the picture is').inputValue(), 'panel.png');
        await page.getByLabel('Where the picture is').fill('DMS-90500');
        await page.getByRole('button', { name: 'Keep the reference' }).click();
        await page.getByLabel('Serial number of the meter').waitFor();
        if (await page.evaluate(async () => (await fetch('/vendor/jsqr.js')).ok && (await fetch('/vendor/qrcode.js')).ok)) {
            await page.getByRole('button', { name: 'Scan', exact: true }).click();
            await scanPicture(page, await labelPicture(`https://meters.example/d/${meter.serial}`, 'meter.jpg'));
        } else {
            t.diagnostic('NOT CHECKED: the scan, this build lacks jsqr or qrcode-generator');
            await page.getByLabel('Serial number of the meter').fill(meter.serial);
            await page.keyboard.press('Tab');
        }
        await page.getByText('in stock.').waitFor();
        await page.getByRole('button', { name: 'The meter is in' }).click();
        await page.getByRole('button', { name: 'Start the self-test' }).click();
        await page.getByText('The meter says: all four lights are on').waitFor({ timeout: 60_000 });
        assert.equal(await page.locator('[data-pattern=on]').count(), 4);
        await page.getByRole('button', { name: 'I see all four lights on' }).click();
        await page.getByText('The journal has no transfer to the generator').waitFor();
        await stack.control('4 generator start');
        await stack.control('4 utility off');
        await page.getByText('The home has not gone back to the utility').waitFor({ timeout: 120_000 });
        await stack.control('4 utility on');
        await page.getByText('The meter’s journal has all of it, receipted.').waitFor({ timeout: 120_000 });
        await stack.control('4 generator stop');
        await page.getByRole('button', { name: 'Put to work' }).click();
        await page.getByText('Sent to the server.').last().waitFor();
        await page.locator('.step.done').nth(4).waitFor();
        const { items: [kept] } = (await asStaff('GET', `/v1/applications/${made.id}/commissionings`)).body;
        const records = await stack.sql(`select r.seq, r.kind from fleet.journal_record r join fleet.device_serial using (device_id) where serial = '${meter.serial}' and seq in (${kept.self_test_seq}, ${kept.transfer_seq}, ${kept.return_seq}) order by seq`);
        assert.deepEqual([kept.device, records.map((r) => r.kind)], [meter.serial, [14, 6, 7]]);
        const { items: [document] } = (await asStaff('GET', `/v1/applications/${made.id}/documents`)).body;
        assert.deepEqual([document.kind, document.reference, document.sha256], ['panel_photo', 'DMS-90500', createHash('sha256').update(await readFile(photo)).digest('hex')]);
        assert.equal((await asStaff('GET', `/v1/applications/${made.id}`)).body.state, 'installed');
        await me.done();
    });

    test('the work order and the customer\'s sheets print on one page each; the code opens the job', async (t) => {
        const made = await newJob();
        const me = await visit('/installer/', { isMobile: false, viewport: { width: 1100, height: 800 } });
        for (const where of [`/installer/order?id=${made.id}`, '/installer/steps?lang=en', '/installer/steps?lang=es']) {
            await me.go(where);
            const file = path.join(process.env.BPTM_WORK ?? '/var/tmp', 'sheet.pdf');
            await me.page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
            const { stdout } = await run('pdfinfo', [file]);
            assert.match(stdout, /^Pages:\s+1$/m, where);
            assert.match(stdout, /612 x 792 pts \(letter\)/, where);
            const words = (await run('pdftotext', ['-layout', file, '-'])).stdout;
            assert.match(words, where.includes('es') && !where.includes('order') ? /Espere la luz GEN\. PWR ON/ : where.includes('order') ? new RegExp(`Work order ${made.id}`) : /Wait for the light GEN\. PWR ON/);
            assert.doesNotMatch(words, /Sign out|Print\b/, 'the frame is not printed');
        }
        await me.go(`/installer/order?id=${made.id}`);
        if (await me.page.locator('.qr').count() === 0 || !(await me.page.evaluate(async () => (await fetch('/vendor/jsqr.js')).ok))) {
            t.diagnostic('NOT CHECKED: the code on the work order, this build lacks jsqr or qrcode-generator');
        } else {
            const picture = await me.page.locator('.qr').screenshot();
            const text = await me.page.evaluate(async (bytes) => (await import('/installer/scan.js')).readFile(new Blob([Uint8Array.from(bytes)], { type: 'image/png' })), [...picture]);
            assert.equal(text, `${its().stack.url}/installer/job?id=${made.id}`);
        }
        await me.done();
    });

    test('who sees what: staff the generators, analysts nothing; another crew on the phone finds nothing of the first', async () => {
        const staff = await visit('/installer/', { role: 'enrolment', key: null });
        await staff.page.getByRole('button', { name: /^DuroMax/ }).waitFor();
        assert.equal(await staff.page.locator('.field-tabs a').count(), 2);
        await staff.go('/installer/jobs');
        await staff.page.getByText('This page is not for your role').waitFor();
        await staff.done();
        const analyst = await visit('/installer/', { role: 'analyst', key: null });
        await analyst.page.getByText('This page is not for your role').waitFor();
        await analyst.done();
        const made = await newJob();
        const me = await visit(`/installer/job?id=${made.id}`);
        await me.context.setOffline(true);
        await survey(me.page);
        await keepSurvey(me.page);
        await me.page.getByText('Kept on this phone').waitFor();
        const { stack } = its();
        const { body: { token } } = await stack.request('POST', '/v1/tokens', { role: 'admin', body: { role: 'installer', crew: 'Crew Night', label: 'crew night' } });
        const answer = await stack.request('POST', '/v1/session', { body: { token } });
        await me.context.addCookies([{ name: 'bptm_session', value: /bptm_session=([\w-]+)/.exec(answer.headers.get('set-cookie'))[1], url: stack.url, httpOnly: true, sameSite: 'Strict' }]);
        await me.context.setOffline(false);
        await me.go('/installer/outbox');
        await me.page.getByText('It is sent when stack installer signs in on this phone.').waitFor();
        const left = await me.page.evaluate(async () => {
            const { kept } = await import('/installer/keep.js');
            const { entries, sendAll } = await import('/installer/outbox.js');
            await sendAll();
            return { jobs: await kept.get('jobs') ?? 'none', states: (await entries()).map((e) => e.state) };
        });
        assert.deepEqual(left, { jobs: 'none', states: ['waiting'] });
        assert.deepEqual(await visits(made.id), []);
        await me.go('/installer/jobs');
        await me.page.getByText('No job is planned').waitFor();
        await me.done();
    });

    test('what the server told goes with the session; what waits to be sent stays', async () => {
        const made = await newJob();
        const me = await visit('/installer/jobs');
        const left = () => me.page.evaluate(async () => {
            const names = (await indexedDB.databases()).map((d) => d.name);
            const open = (name) => new Promise((done) => Object.assign(indexedDB.open(name), { onsuccess: (e) => done(e.target.result) }));
            const keys = async (name, store) => new Promise(async (done) => Object.assign((await open(name)).transaction(store).objectStore(store).getAllKeys(), { onsuccess: (e) => done(e.target.result) }));
            return { told: names.includes('bptm-kept') ? await keys('bptm-kept', 'kept') : [], outbox: (await keys('bptm-field', 'outbox')).length, own: await keys('bptm-field', 'own') };
        });
        const signOut = async () => {
            await me.page.getByRole('button', { name: 'Menu' }).click();
            await me.page.getByRole('button', { name: 'Sign out' }).click();
            await me.page.waitForURL('**/sign-in');
        };
        const signIn = async () => {
            await me.page.getByLabel('Access token').fill(its().stack.tokens.installer);
            await me.page.keyboard.press('Enter');
            await me.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
        };
        await me.go(`/installer/job?id=${made.id}`);
        await me.context.setOffline(true);
        await survey(me.page);
        await keepSurvey(me.page);
        await me.page.getByText('Kept on this phone').waitFor();
        assert.ok((await left()).told.includes('jobs'));
        await me.context.clearCookies(); // the session ends elsewhere
        await me.context.setOffline(false);
        await me.page.goto(`${its().stack.url}/installer/jobs`);
        await me.page.waitForURL('**/sign-in?next=%2Finstaller%2Fjobs');
        assert.deepEqual((({ told, outbox }) => [told, outbox])(await left()), [[], 1]);
        await signIn();
        await settled(me.page);
        await until('it is sent', async () => (await visits(made.id)).length === 1);
        assert.ok((await left()).told.includes('jobs'));
        await signOut();
        const after = await left();
        assert.deepEqual([after.told, after.outbox, after.own.includes('pin'), after.own.includes('list')], [[], 1, true, true]);
        await me.done();
    });

    test('every target of a phone is a thumb wide', async () => {
        const { crew } = its().made;
        const me = await visit();
        for (const where of ['/installer/', '/installer/?make=DuroMax', '/installer/?make=Westinghouse&model=WGen7500DF', '/installer/jobs', `/installer/job?id=${crew.survey}`, `/installer/job?id=${crew.installing}`, '/installer/outbox', '/installer/steps', '/installer/set-up', `/installer/order?id=${crew.survey}`]) {
            await me.go(where);
            const small = await me.page.evaluate((least) => [...document.querySelectorAll('main :is(button, summary, select, input:not([type=checkbox], .hidden), a), .field-tabs a, .top :is(button, a)')].filter((e) => {
                const box = e.getBoundingClientRect();
                const isInText = e.localName === 'a' && getComputedStyle(e).display === 'inline';
                return box.width > 0 && !isInText && (box.height < least - 0.5 || box.width < 40);
            }).map((e) => `${e.localName} ${e.textContent.slice(0, 40)} ${e.getBoundingClientRect().height}`), TARGET_MIN);
            assert.deepEqual(small, [], where);
        }
        await me.done();
    });
}
