// Chromium of Debian, driven by playwright-core, and axe-core: tests/browser/package.json says which.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const manifests = fileURLToPath(new URL('../browser', import.meta.url));
const args = ['--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none', '--disable-background-networking',
    '--disable-component-update', '--no-first-run', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])];

async function install(dir) {
    await mkdir(dir, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
        await copyFile(path.join(manifests, name), path.join(dir, name));
    }
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: dir, timeout: 90_000 });
}

/** { browser, axe: source text }, or { missing } with the reason why there is none; `more` are arguments of chromium. */
export async function openBrowser(more = []) {
    const dir = path.join(process.env.BPTM_WORK ?? '/var/tmp/bptm-browser', 'browser');
    const require = createRequire(path.join(dir, 'package.json'));
    try {
        try {
            require.resolve('playwright-core');
        } catch {
            await install(dir);
        }
        const { chromium } = (await import(pathToFileURL(require.resolve('playwright-core')))).default;
        const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
        return { browser: await chromium.launch({ executablePath: '/usr/bin/chromium', args: [...args, ...more] }), axe };
    } catch (error) {
        return { missing: `NOT CHECKED: no browser: ${(error.stderr || error.message).trim().split('\n').slice(0, 3).join(' ')}` };
    }
}

const desktop = { width: 1280, height: 800 }, phone = { width: 390, height: 844 };

/** Sizes that every page is seen in, and the colours that it is loaded with: it is then seen in the others, too. */
export const looks = [
    { name: 'desktop', viewport: desktop, colorScheme: 'light' },
    { name: 'phone', viewport: phone, colorScheme: 'dark', isMobile: true, hasTouch: true },
];

/**
 * A person at the stack's pages: a context with a session of this role (none: nobody), and all that must not
 * happen written into `faults`: console errors, exceptions, policy reports, requests to another host.
 */
export async function person(browser, stack, role, options = {}) {
    const context = await browser.newContext({ timezoneId: 'America/Los_Angeles', locale: 'en-US', reducedMotion: 'reduce', ...options });
    const faults = [];
    if (role) {
        const answer = await stack.request('POST', '/v1/session', { body: { token: stack.tokens[role] } });
        const value = /bptm_session=([\w-]+)/.exec(answer.headers.get('set-cookie'))[1];
        await context.addCookies([{ name: 'bptm_session', value, url: stack.url, httpOnly: true, sameSite: 'Strict' }]);
    }
    await context.addInitScript(() => addEventListener('securitypolicyviolation',
        (e) => console.error(`policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sample}`)));
    context.on('console', (m) => m.type() === 'error' && !m.text().startsWith('Failed to load resource') && faults.push(`console: ${m.text()}`));
    context.on('weberror', (e) => faults.push(`exception: ${e.error().stack}`));
    context.on('request', (r) => new URL(r.url()).origin !== stack.url && !r.url().startsWith('blob:') && faults.push(`request to ${r.url()}`));
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return { context, page, faults };
}

/** Wait until a page shows what it has to show. */
export async function settled(page) {
    await page.waitForSelector('main h1');
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .spinner'));
}

const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds by WCAG 2.0 to 2.2, A and AA, as lines. */
export async function axeFaults(page, axe) {
    await page.evaluate(axe);
    return runAxe(page, { runOnly: levels });
}

/**
 * What axe finds of colours, on a page where it has been and which has other colours now. It looks at the first of those
 * elements with text that have the same tag, classes, roles and states, up to the body: nothing else gives them colours.
 */
export function colourFaults(page) {
    return runAxe(page, { runOnly: ['color-contrast', 'link-in-text-block'] }, true);
}

function runAxe(page, options, firstOfAlike = false) {
    return page.evaluate(async ([wanted, first]) => {
        const told = ({ name }) => /^(class|style|type|role|open|disabled|aria-.*|data-.*)$/.test(name);
        const kind = (element) => element === document.body ? ''
            : `${kind(element.parentElement)}>${element.tagName}${[...element.attributes].filter(told).map((a) => `[${a.name}=${a.value}]`).join('')}`;
        const hasText = (element) => element.matches('input, select, textarea') || [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
        const alike = new Map([...document.body.querySelectorAll('*')].filter(hasText).reverse().map((element) => [kind(element), element]));
        const { violations } = await globalThis.axe.run(first ? { include: [...alike.values()] } : document, { ...wanted, resultTypes: ['violations'] });
        return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary.replaceAll('\n', ' ')}`));
    }, [options, firstOfAlike]);
}
