// bptmctl generators sign, offline: one signed file, checked by bptm-verify, by its CDDL, and by a COSE library
// that others wrote.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { cddlProblems } from '../lib/cddl.mjs';
import { coseLibrary, openedBy } from '../lib/cose.mjs';
import { decode, encode, Key, Raw } from '../lib/wire.mjs';
import { app, Ctl, installed } from './ctl.mjs';

const AAD = 'bptm-generators/1';
const VERDICTS = ['compatible', 'conditional', 'incompatible', 'unknown'];
const RESULTS = ['pass', 'fail', 'conditional', 'unknown', 'not_applicable'];
const cose = await coseLibrary();
const skip = cose.missing ?? false;
const cddl = await readFile(new URL('../../api/generators.cddl', import.meta.url), 'utf8');
const prose = await readFile(new URL('../../api/generators.md', import.meta.url), 'utf8');
const shipped = path.join(installed, 'seed/generators.csv');
let ctl, key, other, file, bytes;

const signList = () => ctl.run('generators', 'sign', '--key', key.file);

/** A key file and its public half in hex. */
async function makeKey(name) {
    const where = path.join(ctl.files, name);
    const { stdout, stderr } = await ctl.bare('key', 'create', '--out', where);
    assert.equal(stderr, '');
    return { file: where, hex: /public_key=(\w+)/.exec(stdout)[1] };
}

/** The signed list in a file of this name; the path. */
async function written(name) {
    const where = path.join(ctl.files, name);
    const { code, stderr } = await ctl.run('generators', 'offline', '--out', where);
    assert.equal(code, 0, stderr);
    return where;
}

/** bptm-verify on bytes: { code, out }. */
async function verify(content, ...options) {
    const where = await ctl.file('to-verify', content);
    try {
        return { code: 0, out: await ctl.ok(['run', path.join(app, 'bin/bptm-verify'), ...options, where]) };
    } catch (error) {
        return { code: error.code, out: error.stderr + error.stdout };
    }
}

const payloadOf = (message) => decode(decode(message)[0][2])[0];

before(async () => {
    ctl = await Ctl.create();
    await ctl.use('offline');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
    key = await makeKey('list.key');
    other = await makeKey('other.key');
});
after(() => ctl?.destroy());

test('without an active list there is nothing to sign, and unsigned there is nothing to write', async () => {
    assert.match((await signList()).stderr, /no list of generators is active/);
    await ctl.run('import', 'generators', shipped, '--source', 'shipped');
    await ctl.execute("update programme.generator_list set state = 'published', active = true, published_at = '2026-03-01 12:00Z'");
    await ctl.execute('select programme.generator_answer_refresh()');
    const { code, stderr } = await ctl.run('generators', 'offline', '--out', path.join(ctl.files, 'none'));
    assert.equal(code, 1);
    assert.match(stderr, /the active one is not signed yet/);
});

test('the active list is signed, kept and written; its size is what the document says', async (t) => {
    const { stdout, stderr } = await signList();
    assert.equal(stderr, '');
    const [, size] = /^version 1, 51 models, (\d+) bytes\n/.exec(stdout);
    assert.match(stdout, new RegExp(`public_key=${key.hex}`));
    file = await written('list');
    bytes = await readFile(file);
    assert.equal(bytes.length, Number(size));
    t.diagnostic(`${size} bytes`);
    assert.ok(prose.includes(`51 models, is ${Number(size).toLocaleString('en')} bytes`), `${size} bytes: api/generators.md`);
    assert.equal((await ctl.run('generators', 'offline', '--out', file)).code, 1, 'nothing is written over');
    assert.deepEqual(await ctl.sql("select action, object_id from access.audit where action = 'generator_list.sign'"), [{ action: 'generator_list.sign', object_id: '1' }]);
});

test('it is as its CDDL says, and the check of the CDDL finds what is not', () => {
    assert.equal(bytes[0], 0xd2);
    const [message] = decode(bytes);
    assert.deepEqual(cddlProblems(cddl, 'signed-list', message), []);
    const list = payloadOf(bytes);
    assert.deepEqual(cddlProblems(cddl, 'generator-list', list), []);
    assert.deepEqual(encode(list), message[2], 'deterministic: encoded again it is the same');
    const broken = (change) => {
        const copy = payloadOf(bytes);
        change(copy, copy.get(7)[0]);
        return cddlProblems(cddl, 'generator-list', copy);
    };
    assert.match(broken((l) => l.delete(3)).join(), /no member 3/);
    assert.match(broken((l) => l.set(8, 1)).join(), /unknown member 8/);
    assert.match(broken((l, m) => m.set(4, 4)).join(), /none of the choices/);
    assert.match(broken((l, m) => m.set(2, '')).join(), /size 0/);
    assert.match(broken((l, m) => m.set(11, '2026-1-1')).join(), /does not match/);
    assert.match(broken((l, m) => m.set(9, [])).join(), /0 items/);
});

test('what it says of each model is what the server says', async () => {
    const list = payloadOf(bytes);
    const answers = new Map((await ctl.sql('select make, model, body from programme.generator_answer')).map((r) => [`${r.make} ${r.model}`, JSON.parse(r.body)]));
    assert.equal(list.get(7).length, answers.size);
    for (const model of list.get(7)) {
        const answer = answers.get(`${model.get(1)} ${model.get(2)}`.toLowerCase());
        const rules = model.get(6).map((n) => list.get(6)[n]).map((f) => ({ code: f.get(1), result: RESULTS[f.get(2)], sentence: f.get(3) }));
        assert.deepEqual(rules, answer.rules);
        assert.equal(VERDICTS[model.get(4)], answer.verdict);
        assert.equal(model.has(5) ? ['FULL', 'REDUCED'][model.get(5)] : null, answer.grade);
        assert.deepEqual([model.get(3) ?? [], model.get(8), model.get(9) ?? []], [answer.facts.aliases, answer.facts.fuels, answer.facts.running_w]);
        assert.equal(model.has(10) ? ['floating', 'bonded', 'switchable'][model.get(10)] : 'unknown', answer.facts.neutral);
    }
});

test('bptm-verify: good, for people and as JSON', async () => {
    const good = await verify(bytes, '--list-key', key.hex, '--max-age', '1');
    assert.equal(good.code, 0, good.out);
    assert.match(good.out, /^generators version 1, 51 models\nsource     shipped\npublished  2026-03-01T12:00:00Z\nsigned     \d{4}-/);
    const json = JSON.parse((await verify(bytes, '--json', '--list-key', other.hex, '--list-key', key.hex)).out);
    assert.deepEqual([json.ok, json.version, json.published_at, json.models, json.list_key], [true, 1, '2026-03-01T12:00:00Z', 51, 'pinned']);
});

test('bptm-verify: another key, no key, a flipped byte anywhere, and cut off', async () => {
    assert.match((await verify(bytes, '--list-key', other.hex)).out, /list-key-unknown/);
    const none = await verify(bytes);
    assert.equal(none.code, 2);
    assert.match(none.out, /is a signed list: give the --list-key/);
    const flipped = (at) => Buffer.from(bytes.map((b, i) => (i === at ? b ^ 1 : b)));
    for (const at of [1, 4, 10, 20, 30, bytes.length >> 1, bytes.length - 70, bytes.length - 1]) {
        const { code, out } = await verify(flipped(at), '--list-key', key.hex);
        assert.equal(code, 1, `byte ${at}: ${out}`);
    }
    assert.match((await verify(flipped(bytes.length >> 1), '--list-key', key.hex)).out, /signature of the list: cose-signature/);
    assert.equal((await verify(bytes.subarray(0, -1), '--list-key', key.hex)).code, 1);
    assert.equal((await verify(Buffer.concat([bytes, Buffer.from([0])]), '--list-key', key.hex)).code, 1);
    assert.match((await verify(Buffer.concat([bytes, Buffer.alloc(9 << 20)]), '--list-key', key.hex)).out, /wire-too-large/);
});

/** The list with other content, signed by the right key. */
async function resigned(change) {
    const list = payloadOf(bytes);
    change(list);
    const payload = encode(list);
    const signer = new Key(Buffer.from((await ctl.ok(['run', 'cat', key.file])).trim(), 'hex'));
    const header = Buffer.from('a10127', 'hex');
    const { sign } = await import('node:crypto');
    const signature = sign(null, encode(['Signature1', header, Buffer.from(AAD), payload]), signer.secret);
    return encode(new Raw(Buffer.concat([Buffer.from([0xd2]), encode([header, new Map([[4, signer.kid]]), payload, signature])])));
}

test('bptm-verify: too old, from the future, and content that no list has, though the signature is good', async () => {
    const day = 86_400_000;
    const aged = await resigned((l) => l.set(4, Date.now() - 31 * day));
    assert.equal((await verify(aged, '--list-key', key.hex)).code, 0);
    assert.equal((await verify(aged, '--list-key', key.hex, '--max-age', '32')).code, 0);
    const old = await verify(aged, '--list-key', key.hex, '--max-age', '30');
    assert.deepEqual([old.code, /age of the list: too-old/.test(old.out)], [1, true], old.out);
    assert.match((await verify(await resigned((l) => l.set(4, Date.now() + day)), '--list-key', key.hex, '--max-age', '30')).out, /too-old/);
    assert.equal((await verify(bytes, '--list-key', key.hex, '--max-age', '0')).code, 2);
    for (const [what, change] of [
        ['wire-missing', (l) => l.delete(3)],
        ['wire-range', (l) => l.set(1, 'bptm-generators/2')],
        ['wire-range', (l) => l.set(8, 1)],
        ['wire-range', (l) => l.get(7)[0].set(6, [l.get(6).length])],
        ['wire-range', (l) => l.get(7)[0].set(4, 4)],
        ['wire-range', (l) => l.get(7)[0].set(11, '2026-01-1x')],
        ['wire-type', (l) => l.get(7)[0].set(1, 5)],
        ['wire-not-canonical', (l) => l.set(7, [new Map([[1, 'A'], [2, 'B'], [4, 0], [6, []], [7, 0], [8, []], [3, ['C']]])])],
    ]) {
        assert.match((await verify(await resigned(change), '--list-key', key.hex)).out, new RegExp(`content of the list: ${what}`), String(change));
    }
});

test('a COSE library that others wrote opens it, and only with the right key and purpose', { skip }, async () => {
    const publicKey = Buffer.from(key.hex, 'hex');
    const opened = await openedBy(cose, publicKey, AAD, bytes);
    assert.deepEqual(decode(opened.payload)[0], payloadOf(bytes));
    assert.deepEqual(opened.kid, new Key(Buffer.from((await ctl.ok(['run', 'cat', key.file])).trim(), 'hex')).kid);
    const failed = { name: 'COSESignatureVerificationFailed' };
    await assert.rejects(openedBy(cose, Buffer.from(other.hex, 'hex'), AAD, bytes), failed);
    await assert.rejects(openedBy(cose, publicKey, 'bptm/1/receipt/', bytes), failed);
});

test('an entry that counts later or no more keeps the verdict of its days, and its dates; a recall does not', async () => {
    await ctl.execute(`update programme.generator_model set valid_to = current_date - 5 where model = 'XP13000HX';
        update programme.generator_model set valid_from = current_date + 5 where model = 'EU7000iS';
        update programme.generator_model set status = 'recalled', reason = 'the fuel line leaks' where model = '6800E';
        select programme.generator_answer_refresh()`);
    await signList();
    const list = payloadOf(await readFile(await written('dated')));
    const found = (name) => list.get(7).find((m) => m.get(2) === name);
    const rule = (m, code) => m.get(6).map((n) => list.get(6)[n]).find((f) => f.get(1) === code);
    assert.match(found('XP13000HX').get(12), /^\d{4}-\d\d-\d\d$/);
    assert.equal(RESULTS[rule(found('XP13000HX'), 'LIST').get(2)], 'pass');
    assert.equal(RESULTS[rule(found('EU7000iS'), 'LIST').get(2)], 'pass');
    assert.equal(VERDICTS[found('6800E').get(4)], 'incompatible');
    assert.match(rule(found('6800E'), 'LIST').get(3), /It was recalled: the fuel line leaks/);
    assert.equal(await ctl.value('(select count(*) from programme.generator_offline)'), 1, 'a list signed again replaces the file');
});

test('5,000 models are one small file', async (t) => {
    await ctl.execute(`insert into programme.generator_model (generator_list_id, make, model, source_type, fuels, running_w, starting_w, l14_30r, rated_a_240v,
            neutral, gfci_on_240v, co_shutoff, carb, evidence, aliases, receptacles, volts, breaker_a)
        select m.generator_list_id, m.make, m.model || ' #' || n, m.source_type, m.fuels, array(select w + n % 40 * 50 from unnest(m.running_w) w), m.starting_w,
            m.l14_30r, m.rated_a_240v, m.neutral, m.gfci_on_240v, m.co_shutoff, m.carb, m.evidence,
            array(select a || ' #' || n from unnest(m.aliases) a), m.receptacles, m.volts, m.breaker_a
        from (select * from programme.generator_model order by model limit 50) m, generate_series(1, 99) n;
        insert into programme.generator_answer (make, model, generator_model_id, verdict, grade, body)
        select lower(m.make), lower(m.model), m.generator_model_id, a.verdict, a.grade, replace(a.body, ' W', (m.generator_model_id % 40)::text || ' W')
        from programme.generator_model m
        join programme.generator_answer a on a.make = lower(m.make) and a.model = lower(split_part(m.model, ' #', 1)) where m.model like '% #%'`);
    const { stdout, stderr } = await signList();
    assert.equal(stderr, '');
    const [, models, size] = /, (\d+) models, (\d+) bytes/.exec(stdout).map(Number);
    t.diagnostic(`${models} models: ${size} bytes`);
    assert.equal(models, 5001);
    assert.ok(size < 1 << 20, `${size}`);
    assert.equal((await verify(await readFile(await written('large')), '--list-key', key.hex)).code, 0);
    await writeFile(path.join(ctl.files, 'large'), '');
});
