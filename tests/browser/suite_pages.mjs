// Every page, on desktop and phone, light and dark: axe finds nothing, the console stays silent, nothing is asked
// of another host. With BPTM_SCREENS=FOLDER the pictures of docs/screens are made.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { axeFaults, looks, person, settled } from '../lib/browser.mjs';
import { pages } from './pages.mjs';

const screens = process.env.BPTM_SCREENS;
const pictured = ['desktop-light', 'phone-dark']; // each page in both sizes and both colours

export function everyPage(its) {
    for (const { name: look, ...options } of looks) {
        test(look, async () => {
            const { browser, stack, axe, made } = its();
            const people = new Map();
            for (const { name, role, path: where, scroll, before, after } of pages) {
                const who = people.get(role) ?? await person(browser, stack, role, options);
                people.set(role, who);
                await before?.(who.page, stack.url, made);
                await who.page.goto(stack.url + (typeof where === 'function' ? where(made) : where));
                await settled(who.page);
                assert.deepEqual(await axeFaults(who.page, axe), [], `${name}: axe`);
                assert.equal(await who.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name}: wider than its window`);
                assert.deepEqual(who.faults, [], name);
                if (screens && pictured.includes(look)) {
                    await who.page.screenshot({ path: path.join(screens, `${name}-${look}.png`), fullPage: Boolean(scroll) && !options.isMobile });
                }
                await after?.(who.page);
            }
            await Promise.all([...people.values()].map((who) => who.context.close()));
        });
    }
}
