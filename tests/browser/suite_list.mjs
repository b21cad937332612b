// The signed list on a phone: tampered with, under another key, old, replaced by one that nobody has signed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKept } from './crew.mjs';
import { Maker } from './fixture.mjs';
import { phonesOf } from './phone.mjs';

export function signedList(its) {
    const { visit, sign, state } = phonesOf(its);

    test('a list that was changed is refused, and the last good one is used; so is one under another key', async () => {
        const { stack } = its();
        const maker = new Maker(stack);
        const me = await visit();
        await isKept(me.page);
        const flip = (at) => maker.sql(`update programme.generator_offline o set message = set_byte(message, ${at}, get_byte(message, ${at}) # 1) from programme.generator_list l where l.generator_list_id = o.generator_list_id and l.active`);
        const [{ n }] = await stack.sql('select length(message) as n from programme.generator_offline join programme.generator_list using (generator_list_id) where active');
        await flip(Math.floor(n / 2));
        try {
            await me.go('/installer/');
            await me.page.getByText('The list was refused.').waitFor();
            const text = await me.page.locator('main').innerText();
            assert.match(text, /it was changed after it was signed[\s\S]*The last good list on this phone is used instead/);
            await me.go('/installer/?make=DuroMax&model=XP13000HX');
            await me.page.getByText('The server says the same').waitFor();
            const other = await visit('/installer/');
            await other.page.getByText('The list was refused.').waitFor();
            assert.equal(await other.page.getByRole('button', { name: /^DuroMax/ }).count(), 0, 'nothing of it is shown');
            await other.go('/installer/?make=DuroMax&model=XP13000HX');
            await other.page.getByText('The server’s answer').waitFor();
            await other.done();
        } finally {
            await flip(Math.floor(n / 2));
        }
        const foreign = await visit('/installer/', { key: 'ab'.repeat(32) });
        await foreign.page.getByText(/The list names another key/).waitFor();
        await foreign.done();
        await me.go('/installer/');
        await me.page.getByText('The list was refused.').waitFor({ state: 'detached' });
        await me.done();
    });

    test('a newer list that nobody has signed yet: the old one may hold what was recalled, and says so', async () => {
        const { stack } = its();
        const me = await visit('/installer/');
        await isKept(me.page);
        const csv = (await stack.text('sample/generators.csv')).trimEnd().split('\n');
        const target = stack.file('sample/generators-recall.csv');
        await stack.command('run', 'sh', '-c', 'printf "%s\\n" "$1" > "$2"', 'sh', csv.filter((l) => !l.startsWith('Bluetti,')).join('\n'), target);
        await stack.command('ctl', 'import', 'generators', target, '--source', 'after a recall');
        const { body: { items: [{ version }] } } = await stack.request('GET', '/v1/generator-lists', { role: 'enrolment' });
        await stack.command('ctl', 'generators', 'publish', String(version), '--yes', '--token-file', stack.file('secret/token-operator'));
        await me.go('/installer/');
        await me.page.getByText('a newer list that is not signed yet').waitFor();
        await me.context.setOffline(true);
        await me.go('/installer/?make=Bluetti');
        await me.page.getByText('a newer list that is not signed yet').waitFor();
        await me.context.setOffline(false);
        state.active = await sign();
        assert.equal(state.active.version, version);
        await me.go('/installer/');
        await me.page.getByRole('button', { name: /^DuroMax/ }).waitFor();
        assert.equal(await me.page.getByText('a newer list that is not signed yet').count(), 0);
        assert.equal(await me.page.getByRole('button', { name: /^Bluetti/ }).count(), 0);
        await me.done();
    });

    test('the check of the list: every byte counts, age and version count, and nothing is believed without a key', async () => {
        const me = await visit('/installer/');
        const seen = await me.page.evaluate(async (publicKey) => {
            const { verified } = await import('/installer/signed.js');
            const good = new Uint8Array(await (await fetch('/v1/generator-lists/current/offline')).arrayBuffer());
            const { models } = await verified(good, publicKey);
            const codes = {};
            const refusal = (bytes) => verified(bytes, publicKey).then(() => 'believed', (e) => e.code ?? e.message);
            for (let at = 0; at < good.length; at += at < 60 || at > good.length - 70 ? 1 : 97) {
                const bad = good.slice();
                bad[at] ^= 1;
                const code = await refusal(bad);
                codes[code] = (codes[code] ?? 0) + 1;
            }
            for (const bad of [good.slice(0, -1), good.slice(0, 40), new Uint8Array(0), Uint8Array.from([...good, 0])]) {
                const code = await refusal(bad);
                codes[code] = (codes[code] ?? 0) + 1;
            }
            const { list } = await (await import('/installer/list.js')).currentList();
            const at = Date.parse(list.signed_at), real = Date.now;
            const on = async (days) => {
                Date.now = () => at + days * 86_400_000;
                const state = await (await import('/installer/list.js')).currentList();
                Date.now = real;
                return state.refused?.code ?? (state.list.isOld ? 'old' : 'good');
            };
            const ages = [await on(30), await on(31), await on(179), await on(181), await on(-2)];
            const { own } = await import('/installer/keep.js');
            const before = await own.get('highest');
            await own.set('highest', 99);
            const older = await on(0);
            await own.set('highest', before);
            return { models: models.length, codes, ages, older };
        }, its().made.crew.listKey);
        assert.equal(seen.models, state.active.models);
        assert.deepEqual(Object.keys(seen.codes).sort(), ['form', 'key', 'signature']);
        assert.ok(seen.codes.signature > 90, JSON.stringify(seen.codes));
        assert.deepEqual(seen.ages, ['good', 'old', 'old', 'age', 'future']);
        assert.equal(seen.older, 'version');
        await me.done();
        const bare = await visit('/installer/', { key: null });
        await bare.page.getByText('This phone has no key to check the list with').waitFor();
        await bare.page.getByRole('button', { name: /^DuroMax/ }).click();
        assert.equal(await bare.page.locator('.choices .tag').count(), 0, 'no verdict of a list that nothing vouches for');
        await bare.page.getByRole('button', { name: /^XP13000HX/ }).click();
        await bare.page.getByText('The server’s answer').waitFor();
        await bare.go('/installer/set-up');
        await bare.page.getByLabel('Key, or its fingerprint').fill('0123 4567 89ab cdef');
        await bare.page.getByRole('button', { name: 'Use this key' }).click();
        await bare.page.getByText('is not the fingerprint of a key that the server names').waitFor();
        await bare.done();
    });
}
