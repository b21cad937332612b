// The console in a real browser on the real server: one stack, one browser, all suites.
import { mkdir } from 'node:fs/promises';
import { after, before, describe } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { Stack } from '../lib/stack.mjs';
import { fillField, serials } from './field.mjs';
import { fill, Maker } from './fixture.mjs';
import { analyst } from './suite_analyst.mjs';
import { customer } from './suite_customer.mjs';
import { hostile } from './suite_hostile.mjs';
import { installer } from './suite_installer.mjs';
import { signedList } from './suite_list.mjs';
import { everyPage } from './suite_pages.mjs';
import { byProvider } from './suite_provider.mjs';
import { shell } from './suite_shell.mjs';
import { staff } from './suite_staff.mjs';

const found = await openBrowser();
const screens = process.env.BPTM_SCREENS;
const its = { ...found };
const get = () => its;

describe('the console', { skip: found.missing ?? false }, () => {
    before(async () => {
        its.stack = await Stack.create({ conf: '[http]\nthreads = 4\n', homes: 4, users: serials });
        await its.stack.start('mosquitto', 'bptmd', 'sim');
        its.made = { ...await fill(its.stack), ...await fillField(new Maker(its.stack), its.stack) };
        if (screens) {
            await mkdir(screens, { recursive: true });
        }
    }, { timeout: 300_000 });
    after(async () => {
        await found.browser.close();
        await its.stack?.destroy();
    });

    describe('every page', () => everyPage(get));
    if (!screens) {
        describe('the frame', () => shell(get));
        describe('enrolment staff', () => staff(get));
        describe('a customer', () => customer(get));
        describe('hostile content', () => hostile(get));
        describe('analysts and operators', () => analyst(get)); // it makes thousands of devices
        describe('the signed list', () => signedList(get));
        describe('installers', () => installer(get)); // it makes places for all who wait
        describe('an identity provider', () => byProvider(get)); // last: another configuration
    }
});
