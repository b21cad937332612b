// Signing in by an identity provider: a real one, in the browser, there and back.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { axeFaults, person, settled } from '../lib/browser.mjs';
import { audience, IdentityProvider } from '../lib/provider.mjs';
import { until } from '../lib/stack.mjs';

const provider = await IdentityProvider.create();
const skip = provider.missing ?? false;
const way = 'Sign in with your organisation';

export function byProvider(its) {
    /** Faults of our pages; the provider's own ask for themselves, and for a font that they do not get. */
    const ours = (faults) => faults.filter((f) => !f.startsWith(`request to ${provider.issuer}/`) && !f.startsWith('request to https://fonts.'));
    const visit = async (where) => {
        const who = await person(its().browser, its().stack);
        await who.context.route((url) => url.protocol === 'https:', (route) => route.abort());
        await who.page.goto(its().stack.url + where);
        await settled(who.page);
        return who;
    };

    before(async () => {
        if (skip) {
            return;
        }
        const { page, context } = await visit('/sign-in');
        await page.waitForLoadState('networkidle');
        assert.equal(await page.getByRole('link', { name: way }).count(), 0, 'without a provider no way is shown');
        await context.close();
        const { stack } = its();
        provider.addConsole('console', `${stack.url}/sign-in/oidc/callback`);
        provider.people = { ann: { roles: ['ops'] } };
        await stack.stop('bptmd');
        await writeFile(stack.file('bptmd.extra'), `[http]\nthreads = 4\npublic_url = ${stack.url}\n[oidc]\nissuer = ${provider.issuer}\naudience = ${audience}\nclient_id = console\nunencrypted = loopback\noperator = ops\n`);
        await stack.command('create');
        await stack.start('bptmd');
        await until('the provider is known', async () => (await fetch(`${stack.url}/sign-in/oidc`, { redirect: 'manual' })).headers.get('location').startsWith(provider.issuer));
    }, { timeout: 60_000 });
    after(() => provider.stop?.());

    test('there and back to where one wanted to be, and out', { skip }, async () => {
        const { page, faults, context } = await visit('/?from=link');
        await page.waitForURL('**/sign-in?next=%2F%3Ffrom%3Dlink');
        await page.getByRole('link', { name: way }).waitFor();
        assert.deepEqual(await axeFaults(page, its().axe), []);
        await page.getByRole('link', { name: way }).click();
        await page.waitForURL(`${provider.issuer}/**`);
        await page.locator('input[name=login]').fill('ann');
        await page.locator('input[name=password]').fill('any');
        await page.getByRole('button', { name: 'Sign-in' }).click();
        await page.getByRole('button', { name: 'Continue' }).click(); // that the console may know who it is
        await page.waitForURL(`${its().stack.url}/?from=link`);
        await settled(page);
        assert.equal(await page.locator('.who .name').textContent(), `ann@${provider.issuer}`);
        const cookies = (await context.cookies(its().stack.url)).filter((c) => c.name.startsWith('bptm_'));
        assert.ok(cookies.every((c) => c.httpOnly));
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('button', { name: 'Yes, sign me out' }).click(); // the provider asks
        await page.waitForURL('**/sign-in');
        assert.deepEqual(ours(faults), []);
        await context.close();
    });

    test('who gives up there is told so here', { skip }, async () => {
        const { page, faults, context } = await visit('/sign-in');
        await page.getByRole('link', { name: way }).click();
        await page.waitForURL(`${provider.issuer}/**`);
        await page.getByRole('link', { name: /cancel/i }).click();
        await page.waitForURL('**/sign-in?problem=denied');
        assert.match(await page.getByRole('alert').textContent(), /did not sign you in/);
        assert.deepEqual(await axeFaults(page, its().axe), []);
        assert.deepEqual(ours(faults), []);
        await context.close();
    });
}
