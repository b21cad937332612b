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

/** Sizes and colours that every page is seen in. */
export const looks = [
    { name: 'desktop-light', viewport: desktop, colorScheme: 'light' },
    { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark' },
    { name: 'phone-light', viewport: phone, colorScheme: 'light', isMobile: true, hasTouch: true },
    { name: 'phone-dark', viewport: phone, colorScheme: 'dark', isMobile: true, hasTouch: true },
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

/** What axe finds by WCAG 2.0 to 2.2, A and AA, as lines. */
export async function axeFaults(page, axe) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'],
    }));
    return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary.replaceAll('\n', ' ')}`));
}
