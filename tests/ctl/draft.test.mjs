// bptmctl import ruleset, circuit-list: what is kept as a draft, what is refused, and a list put in force.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('draft');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
    await ctl.execute("insert into programme.circuit (circuit_id, name) values ('C1', 'ONE'), ('C2', 'TWO')");
});
after(() => ctl?.destroy());

const write = async (value) => ctl.file('draft.json', typeof value === 'string' ? value : JSON.stringify(value));
const importRules = async (value, programme = 'bptm') => ctl.run('import', 'ruleset', await write(value), '--programme', programme);
const importList = async (value) => ctl.run('import', 'circuit-list', await write(value), '--designation', 'fast', '--source', 'protection desk');
const rules = { version: 2031, title: 'Next', valid_from: '2031-01-01', rules: [{ code: 'TENURE', kind: 'tenure' }] };
const stored = async () => JSON.stringify(await ctl.sql(`select (select jsonb_agg(r order by r) from programme.ruleset r) as r, (select jsonb_agg(l order by l) from programme.circuit_list l) as l,
    (select count(*) from access.audit where action like '%.draft') as audit`));

test('a version of rules is a draft, which takes the place of the draft before', async () => {
    assert.deepEqual(await importRules(rules), { code: 0, stdout: 'version 2031, a draft\n', stderr: '' });
    assert.equal((await importRules({ ...rules, title: 'Next, mended' })).code, 0);
    assert.deepEqual(await ctl.sql('select title, state, rules from programme.ruleset where version = 2031'), [{ title: 'Next, mended', state: 'draft', rules: rules.rules }]);
    assert.deepEqual(await ctl.sql("select role, object_id from access.audit where action = 'ruleset.draft'"), Array(2).fill({ role: 'operator', object_id: 'bptm 2031' }));
});

test('a list of circuits is a draft; versions go on; published, it is what rules see', async () => {
    const entry = { circuit_id: 'C1', valid_from: '2030-01-01' };
    assert.deepEqual(await importList([entry]), { code: 0, stdout: 'version 1, a draft\n', stderr: '' });
    assert.equal((await importList([{ ...entry, valid_to: '2031-01-01' }, { circuit_id: 'C2', valid_from: '2030-06-01' }])).stdout, 'version 2, a draft\n');
    assert.deepEqual(await ctl.sql("select version, state, source from programme.circuit_list where designation = 'fast' order by 1"),
        [1, 2].map((version) => ({ version, state: 'draft', source: 'protection desk' })));
    assert.deepEqual(await ctl.sql('select * from programme.circuit_designation'), []);
    assert.match((await ctl.run('circuits', 'publish', 'fast', '--number', '2')).stderr, /version 2 of list 'fast' is not in force: look at this, and say --yes/);
    assert.equal((await ctl.run('circuits', 'publish', 'fast', '--number', '2', '--yes')).stderr, '');
    assert.deepEqual(await ctl.sql('select circuit_id, valid_from::text, valid_to::text from programme.circuit_designation order by 1'),
        [{ circuit_id: 'C1', valid_from: '2030-01-01', valid_to: '2031-01-01' }, { circuit_id: 'C2', valid_from: '2030-06-01', valid_to: null }]);
});

test('what is refused says why, and keeps nothing', async () => {
    const before = await stored();
    for (const [load, value, message] of [
        [importRules, '{', /draft\.json: .*invalid input syntax for type json/],
        [importRules, '', /draft\.json: is empty, or larger than 8388608 bytes/],
        [importRules, ' '.repeat((8 << 20) + 1), /is empty, or larger than/],
        [importRules, [], /it is not an object/],
        [importRules, { ...rules, version: 'x' }, /version is not a number from 1/],
        [importRules, { ...rules, rules: [{ code: 'MOON', kind: 'moon' }] }, /rule 1: kind is not one that this server knows/],
        [importRules, { ...rules, version: 2025 }, /this version is published, or in a preview/],
        [(value) => importRules(value, 'none'), rules, /no programme 'none'/],
        [importList, [{ circuit_id: 'C1', valid_from: '2030-01-01' }, { circuit_id: 'C9', valid_from: '2030-01-01' }], /entry 2: circuit C9 is not known/],
        [importList, [{ circuit_id: 'C1', valid_from: '2030-02-30' }], /entry 1: valid_from is not a day/],
        [importList, [{ circuit_id: 'C1', valid_from: '2030-01-01', valid_to: '2030-01-01' }], /entry 1: valid_to is not after valid_from/],
    ]) {
        const { code, stdout, stderr } = await load(value);
        assert.deepEqual([code, stdout], [1, ''], String(message));
        assert.match(stderr, message);
    }
    assert.match((await ctl.run('import', 'ruleset', ctl.stack.file('none.json'), '--programme', 'bptm')).stderr, /none\.json: No such file or directory/);
    assert.equal((await ctl.run('import', 'ruleset', await write(rules))).code, 2, 'whose rules they are must be said');
    assert.equal((await ctl.run('circuits', 'publish', "a'b", '--number', '1')).code, 2);
    assert.equal(await stored(), before);
});
