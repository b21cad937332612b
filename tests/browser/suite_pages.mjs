// Every page, on desktop and phone, light and dark: axe finds nothing, the console stays silent, nothing is asked
// of another host. A page is loaded once for each size, all of axe looks at it, and then, in the other colours, what
// of axe looks at colours. With BPTM_SCREENS=FOLDER the pictures of docs/screens are made.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { axeFaults, colourFaults, looks, person, settled } from '../lib/browser.mjs';
import { pages } from './pages.mjs';

const screens = process.env.BPTM_SCREENS;

const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

export function everyPage(its) {
    for (const { name: look, ...options } of looks) {
        const { colorScheme } = options, other = colorScheme === 'light' ? 'dark' : 'light';
        test(`${look}, ${colorScheme} and ${other}`, async () => {
            const { browser, stack, axe, made } = its();
            const people = new Map();
            for (const { name, role, path: where, scroll, before, after } of pages) {
                const who = people.get(role) ?? await person(browser, stack, role, options);
                people.set(role, who);
                const { page, faults } = who;
                await before?.(page, stack.url, made);
                await page.goto(stack.url + (typeof where === 'function' ? where(made) : where));
                await settled(page);
                assert.deepEqual(await axeFaults(page, axe), [], `${name}: axe`);
                assert.equal(await isWide(page), false, `${name}: wider than its window`);
                if (screens) { // each page in both sizes and both colours
                    await page.screenshot({ path: path.join(screens, `${name}-${look}-${colorScheme}.png`), fullPage: Boolean(scroll) && !options.isMobile });
                } else {
                    await page.emulateMedia({ colorScheme: other });
                    assert.deepEqual(await colourFaults(page), [], `${name}, ${other}: axe`);
                    assert.equal(await isWide(page), false, `${name}, ${other}: wider than its window`);
                    await page.emulateMedia({ colorScheme });
                }
                assert.deepEqual(faults, [], name);
                await after?.(page);
            }
            await Promise.all([...people.values()].map((who) => who.context.close()));
        });
    }
}
