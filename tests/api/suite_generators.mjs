// Generators: asked by name, by text, by label; lists from draft to active; who is affected.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';
import { decode, encode } from '../lib/wire.mjs';
import { home, request } from './suite_life.mjs';

/** Two outages at a home whose application names a DuroMax XP13000HX in its own way: one carried after a failure, one never. */
const failures = `
    do $$
    declare l_application programme.application;
    begin
      select * into l_application from programme.application where generator_model = 'xp 13000-hx';
      insert into fleet.device values (695001, 'FIELD-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
      insert into fleet.assignment values (695001, '2025-01-01Z', '2025-12-01Z', l_application.premise_id, l_application.application_id);
      insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
      select 695001, v.seq, '2025-04-01Z', v.at, v.at, extract(epoch from v.at - '2025-04-01Z') * 1000, 1, v.kind, 2, 0, ''
      from (values (1, 2, timestamptz '2025-04-01 10:00Z'), (2, 8, '2025-04-01 10:01Z'), (3, 6, '2025-04-01 10:05Z'), (4, 3, '2025-04-01 12:00Z'),
                   (5, 2, '2025-04-02 10:00Z'), (6, 8, '2025-04-02 10:01Z'), (7, 8, '2025-04-02 10:02Z'), (8, 3, '2025-04-02 12:00Z')) v(seq, kind, at);
      insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (695001, sha256(''), 8, 8, now());
    end $$`;

const ask = (api, query, role = 'installer') => api.expect(200, 'GET', `/v1/compatibility?${new URLSearchParams(query)}`, { role });
const rule = (answer, code) => answer.rules.find((r) => r.code === code)?.result;

/** The signed list as bytes, and its content when the signature is that of the key that REST names. */
async function signedList(api) {
    const response = await fetch(`${api.url}/v1/generator-lists/current/offline`, { headers: { authorization: `Bearer ${api.tokens.installer}` } });
    assert.equal(response.status, 200);
    const bytes = Buffer.from(await response.arrayBuffer());
    const [[header, unprotected, payload, signature]] = decode(bytes);
    const { items: [key] } = await api.expect(200, 'GET', '/v1/generator-list-keys', { role: 'installer' });
    assert.equal(unprotected.get(4).toString('hex'), key.kid);
    assert.equal(Buffer.from(key.jwk.x, 'base64url').toString('hex'), key.public_key);
    const signed = encode(['Signature1', header, Buffer.from('bptm-generators/1'), payload]);
    assert.ok(verify(null, signed, createPublicKey({ key: key.jwk, format: 'jwk' }), signature));
    return decode(payload)[0];
}

export function generators(api) {
    test('the signed list: its key, its tag, and who may have it', async () => {
        const list = await signedList(api());
        assert.deepEqual([list.get(2), list.get(7).length], [1, 51]);
        const target = '/v1/generator-lists/current/offline';
        const first = await api().call('GET', target, { role: 'operator' });
        const again = await api().call('GET', target, { role: 'installer', headers: { 'if-none-match': first.headers.get('etag') } });
        assert.deepEqual([first.status, again.status, again.text], [200, 304, '']);
        assert.equal((await api().call('HEAD', target, { role: 'analyst' })).headers.get('etag'), first.headers.get('etag'));
        const keys = await api().call('GET', '/v1/generator-list-keys', { role: 'analyst' });
        await api().call('GET', '/v1/generator-list-keys', { role: 'analyst', headers: { 'if-none-match': keys.headers.get('etag') } });
    });

    test('a generator by make and model, in any case, with altitude, fuel and cord', async () => {
        const plain = await ask(api(), { make: 'DUROMAX', model: 'xp13000hx' });
        assert.deepEqual([plain.verdict, plain.grade, plain.facts.running_w, plain.match], ['conditional', 'FULL', [10500, 9975], null]);
        assert.equal(plain.list.version, 1);
        const high = await ask(api(), { make: 'DuroMax', model: 'XP13000HX', altitude_ft: 10000 });
        assert.deepEqual([rule(high, 'ALT'), high.grade], ['conditional', 'REDUCED']);
        assert.match(high.rules.find((r) => r.code === 'ALT').sentence, /At 10000 ft it runs 6825 W of its 10500 W/);
        const metres = await ask(api(), { make: 'DuroMax', model: 'XP13000HX', altitude_m: 3048 });
        assert.deepEqual(metres.rules, high.rules);
        const propane = await ask(api(), { make: 'DuroMax', model: 'XP13000HX', altitude_ft: 10000, fuel: 'propane' });
        assert.match(propane.rules.find((r) => r.code === 'ALT').sentence, /6483 W of its 9975 W/);
        assert.equal(rule(await ask(api(), { make: 'DuroMax', model: 'XP13000HX', cord_conductors: 3 }), 'CORD'), 'fail');
    });

    test('the ready answer comes with the token, in one statement, and to nobody without one', async () => {
        const target = '/v1/compatibility?make=DuroMax&model=XP13000HX';
        const statements = async () => (await api().stack.log('postgres')).split('\n').filter((l) => /execute .*(generator_answer|access\.token)/.test(l));
        const log = async (what) => (await api().exec(`alter system set log_statement = '${what}'`), api().exec('select pg_reload_conf()'));
        await log('all');
        try {
            await until('statements are logged', async () => (await api().call('GET', target, { role: 'installer' }), (await statements()).length > 0));
            const before = (await statements()).length;
            for (let n = 0; n < 5; n++) {
                assert.equal((await api().call('GET', target, { role: 'installer' })).body.verdict, 'conditional');
            }
            assert.equal((await statements()).length - before, 5);
        } finally {
            await log('none');
        }
        const refused = await api().call('GET', `${target}&altitude_m=x`, { token: `bptm_${'x'.repeat(43)}` });
        assert.deepEqual([refused.status, refused.body.errors], [401, undefined]);
    });

    test('a generator by free text, and candidates when it is not sure', async () => {
        const one = await ask(api(), { q: 'duromx xp13000hx' });
        assert.deepEqual([one.model, one.match.distance, one.match.candidates[0].model], ['XP13000HX', 1, 'XP13000HX']);
        assert.equal((await ask(api(), { q: 'EU7000is' })).make, 'Honda');
        assert.equal((await ask(api(), { q: 'ford lightning' })).model, 'F-150 Lightning Pro Power');
        const both = await ask(api(), { q: 'WGen500' });
        assert.deepEqual([both.verdict, both.listed, both.match.candidates.map((c) => c.distance).slice(0, 2)], ['unknown', false, [1, 1]]);
        const none = await ask(api(), { q: 'zzzzqqqq' });
        assert.deepEqual([none.verdict, none.match.candidates], ['unknown', []]);
    });

    test('a generator by its label is judged by the same rules', async () => {
        const good = await ask(api(), { receptacle: 'l14-30r', volts: '120/240', amps: 30, breaker: 30, watts: 7500, neutral: 'floating', co_shutoff: 'yes', carb: 'yes', fuel: 'gasoline' });
        assert.deepEqual([good.verdict, good.grade, good.listed, good.list], ['compatible', 'FULL', false, null]);
        assert.deepEqual(good.rules.map((r) => r.result), ['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'not_applicable', 'unknown', 'not_applicable', 'not_applicable']);
        const trips = await ask(api(), { receptacle: 'L14-30R', amps: 30, neutral: 'bonded', gfci: 'yes' });
        assert.deepEqual([trips.verdict, rule(trips, 'NEUT'), trips.grade], ['incompatible', 'fail', null]);
        assert.equal((await ask(api(), { volts: '120' })).verdict, 'incompatible');
        assert.equal((await ask(api(), { neutral: 'unknown' })).verdict, 'unknown');
        assert.equal(rule(await ask(api(), { source_type: 'battery' }), 'CO'), 'not_applicable');
    });

    test('exactly one way to ask', async () => {
        for (const [query, parameter] of [['', 'make'], ['make=Honda', 'model'], ['model=X', 'make'], ['make=a&model=b&q=c', 'model'],
            ['q=c&amps=30', 'make'], ['q=c&altitude_ft=1&altitude_m=1', 'altitude_m']]) {
            const problem = await api().expect(400, 'GET', `/v1/compatibility?${query}`, { role: 'installer' });
            assert.equal(problem.errors[0].parameter, parameter, query);
        }
    });

    for (const [n, make, model, id] of [
        [1, 'Honda', '7000 inverter', 'EU7000iS'],     // an alias
        [2, 'DuroMax', 'xp 13000-hx', 'XP13000HX'],       // the same letters and digits
        [3, 'Duromx', 'XP13000HX', 'XP13000HX'],          // one letter away
        [4, 'Ford F150', 'Lightning', 'F-150 Lightning Pro Power'],
        [5, 'WGen500', 'x', null],                     // two are as near
    ]) {
        test(`an application that names ${make} ${model} finds what the look-up by name finds`, async () => {
            const found = await ask(api(), { make, model });
            assert.deepEqual([found.listed, found.listed ? found.model : null], [id !== null, id]);
            const application = await api().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(await home(api(), `GN${n}`), { generator: { make, model } }) });
            const own = application.decision.rules.find((r) => r.code === 'GENERATOR');
            assert.deepEqual([own.evidence.listed, own.evidence.verdict, own.evidence.taken_for], [found.listed, found.verdict, id ? `${found.make} ${found.model}` : undefined]);
            assert.equal(own.result, found.verdict === 'incompatible' ? 'fail' : found.verdict === 'unknown' ? 'unknown' : 'pass', JSON.stringify(own));
            assert.equal(own.sentence.includes(`taken for the ${found.make} ${found.model}`), id !== null && found.verdict !== 'unknown', own.sentence);
            if (found.listed) {
                assert.deepEqual(found.match.candidates[0].model, id);
                const { items } = await api().expect(200, 'GET', `/v1/generators/${found.id}/affected?limit=200`, { role: 'enrolment' });
                assert.ok(items.some((i) => i.application_id === application.id), 'a recall concerns it');
            }
        });
    }

    test('failed transfers flow back: shown beside the verdict, with counts', async () => {
        const model = { make: 'DuroMax', model: 'XP13000HX' };
        const results = async () => (await ask(api(), model)).field_results;
        const before = await results();
        await api().exec(failures);
        const after = await until('the field is counted', async () => {
            const now = await results();
            return now?.failed_transfers === (before?.failed_transfers ?? 0) + 3 && now;
        }, 60);
        for (const [count, more] of [['devices', 1], ['outages', 2], ['transfers', 1], ['aborted_transfers', 1]]) {
            assert.equal(after[count], (before?.[count] ?? 0) + more, count);
        }
        const own = after.by_firmware.find((f) => f.firmware === '');
        assert.ok(own.failed_transfers >= 3 && own.aborted_transfers >= 1, JSON.stringify(after));
    });

    test('a recall: imported at the machine, published by a second person, whom it concerns', async () => {
        const model = { make: 'Honda', model: 'EU7000iS' };
        const before = await ask(api(), model);
        const csv = (await readFile(new URL('../../sql/seed/generators.csv', import.meta.url), 'utf8')).trimEnd().split('\n');
        const recalled = csv.map((line, n) => (n === 0 ? `${line},status,reason,valid_from,valid_to`
            : `${line},${/^Honda,EU7000iS,/.test(line) ? 'recalled,the fuel line leaks,,' : /^Honda,EM6500SX,/.test(line) ? 'withdrawn,no longer sold,,'
                : /^Honda,EM5000SX,/.test(line) ? ',,,2020-01-01' : /^Honda,EM3800SX,/.test(line) ? ',,2999-01-01,' : ',,,'}`));
        const sold = await api().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(await home(api(), 'GN6'), { generator: { make: 'Honda', model: 'EM6500SX' } }) });
        await writeFile(api().stack.file('generators-2.csv'), `${recalled.join('\n')}\n`);
        await api().stack.command('ctl', 'import', 'generators', api().stack.file('generators-2.csv'), '--source', 'recall', '--token-file', api().stack.file('secret/token-operator'));
        const list = await api().expect(200, 'GET', '/v1/generator-lists/2', { role: 'operator' });
        assert.deepEqual([list.state, list.active, list.models], ['draft', false, 51]);
        const difference = await api().expect(200, 'GET', '/v1/generator-lists/2/difference', { role: 'enrolment' });
        assert.deepEqual([difference.added, difference.removed], [[], []]);
        assert.deepEqual(difference.changed.map((c) => [c.model, c.field, c.before, c.after]), [
            ['EM3800SX', 'valid_from', null, '2999-01-01'], ['EM5000SX', 'valid_to', null, '2020-01-01'], ['EM6500SX', 'reason', null, 'no longer sold'], ['EM6500SX', 'status', 'listed', 'withdrawn'],
            ['EU7000iS', 'reason', null, 'the fuel line leaks'], ['EU7000iS', 'status', 'listed', 'recalled']]);
        const draft = await api().previewed({ role: 'enrolment', body: { programme: 'bptm', generator_list: 2 } });
        assert.equal((await ask(api(), model)).status, 'listed', 'a preview changes nothing');
        await api().expect(200, 'POST', `/v1/previews/${draft.id}/publications`, { role: 'enrolment' });
        const published = await api().expect(200, 'GET', '/v1/generator-lists/2', { role: 'operator' });
        assert.deepEqual([published.state, published.active], ['published', true]);
        const { items: [entry] } = await api().expect(200, 'GET', '/v1/audit?object=generator_list:2', { role: 'operator' });
        assert.deepEqual([entry.action, entry.role], ['generator_list.publish', 'enrolment']);
        assert.notEqual(published.imported_by, published.published_by);
        const unsigned = await api().expect(404, 'GET', '/v1/generator-lists/current/offline', { role: 'installer' });
        assert.match(unsigned.detail, /not signed yet/);
        await api().stack.command('ctl', 'generators', 'sign', '--key', api().stack.file('secret/list.key'));
        const list2 = await signedList(api());
        assert.deepEqual([list2.get(2), list2.get(7).find((m) => m.get(2) === 'EU7000iS').get(4)], [2, 2]);
        const after = await ask(api(), model);
        assert.deepEqual([after.verdict, after.status, after.reason, rule(after, 'LIST'), after.list.version], ['incompatible', 'recalled', 'the fuel line leaks', 'fail', 2]);
        assert.notEqual(after.id, before.id);
        for (const [name, sentence] of [['EM6500SX', 'It was withdrawn: no longer sold.'], ['EM5000SX', 'Its entry on the list ended on 2020-01-01.'], ['EM3800SX', 'Its entry on the list counts from 2999-01-01.']]) {
            const told = await ask(api(), { make: 'Honda', model: name });
            assert.deepEqual([told.verdict, told.rules.find((r) => r.code === 'LIST').sentence], ['incompatible', sentence]);
        }
        const withdrawn = await ask(api(), { make: 'Honda', model: 'EM6500SX' });
        const { items: homes } = await api().expect(200, 'GET', `/v1/generators/${withdrawn.id}/affected`, { role: 'enrolment' });
        assert.deepEqual(homes.map((i) => [i.application_id, i.premise_code]), [[sold.id, 'SP-GN6']], 'a withdrawal: whom it concerns');
        const decided = await api().expect(201, 'POST', `/v1/applications/${sold.id}/decisions`, { role: 'enrolment' });
        assert.deepEqual([decided.outcome, decided.rules.find((r) => r.code === 'GENERATOR').result], ['ineligible', 'fail']);
        const { items: recalls } = await api().expect(200, 'GET', `/v1/generators/${after.id}/affected`, { role: 'operator' });
        assert.deepEqual(recalls.map((i) => [i.premise_code, i.generator.model]), [['SP-GN1', '7000 inverter']], 'who named it by an alias, too');
        const { items: [named] } = await api().expect(200, 'GET', '/v1/generators?q=DuroMax%20XP13000HX', { role: 'operator' });
        const { items } = await api().expect(200, 'GET', `/v1/generators/${named.id}/affected`, { role: 'enrolment' });
        assert.ok(items.length > 0 && items.every((i) => /xp ?13000-?hx/i.test(i.generator.model)), JSON.stringify(items));
        await api().expect(404, 'GET', '/v1/generators/999999999/affected', { role: 'enrolment' });
        const again = await api().previewed({ role: 'operator', body: { programme: 'bptm', generator_list: 2 } });
        await api().expect(409, 'POST', `/v1/previews/${again.id}/publications`, { role: 'operator' });
        await api().expect(409, 'DELETE', '/v1/generator-lists/2', { role: 'operator' });
        const { items: lists } = await api().expect(200, 'GET', '/v1/generator-lists', { role: 'enrolment' });
        assert.deepEqual(lists.map((l) => [l.version, l.active]), [[2, true], [1, false]]);
        await api().stack.command('ctl', 'import', 'generators', api().stack.file('generators-2.csv'), '--source', 'again');
        await api().expect(204, 'DELETE', '/v1/generator-lists/3', { role: 'enrolment' });
    });
}
