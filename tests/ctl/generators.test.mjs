// bptmctl import generators, generators: drafts, differences, publication by a second person.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl, installed } from './ctl.mjs';

let ctl;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('lists');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
});
after(() => ctl?.destroy());

const count = (table) => ctl.value(`(select count(*) from ${table})`);
const shipped = path.join(installed, 'seed/generators.csv');
const header = 'make,model,source_type,fuel,running_w,starting_w,l14_30r,rated_a_240v,neutral,gfci_on_240v,co_shutoff,carb,evidence';
const good = 'Maker,Model 1,engine,gasoline;propane,7500;6750,9500;8550,yes,30,floating,no,yes,yes,manual';
const importGenerators = async (text) => ctl.run('import', 'generators', await ctl.file('generators.csv', text), '--source', 'test');

/** First line and difference of what an import printed. */
const told = ({ stdout, stderr }) => {
    assert.equal(stderr, '');
    const [line, json] = stdout.split('\n');
    return { line, ...JSON.parse(json) };
};

/** A file with a new access token of this role. */
async function tokenFile(role) {
    const { stdout } = await ctl.run('token', 'create', '--role', role, '--label', 'second person');
    const file = await ctl.file(`token-${role}`, /bptm_\S+/.exec(stdout)[0]);
    await ctl.ok(['run', 'install', '-m', '600', file, `${file}.mine`]);
    return `${file}.mine`;
}

test('the shipped list is a draft, which another person makes the active version', async () => {
    const dry = told(await ctl.run('import', 'generators', shipped, '--source', 'shipped', '--dry-run'));
    assert.equal(dry.line, 'version 1 (dry run), 51 rows, 51 differences to the active list');
    assert.equal(await count('programme.generator_list'), 0);
    assert.equal(await count('programme.generator_name'), 0);
    const first = told(await ctl.run('import', 'generators', shipped, '--source', 'shipped'));
    assert.equal(first.line, 'version 1 (draft), 51 rows, 51 differences to the active list');
    assert.equal(first.added.length, 51);
    assert.equal(await count('programme.generator_list where active'), 0);
    const shown = await ctl.run('generators', 'publish', '1', '--token-file', await tokenFile('operator'));
    assert.match(shown.stderr, /version 1 is not in force: look at this, and say --yes/);
    assert.match(shown.stdout, /^bptm: of 0 premises 0 are eligible now and 0 then; 0 move in, 0 out \(0 with a device\), 0 otherwise; 0 keep what was decided\nbptm-paid: /);
    assert.equal(await count('programme.generator_list where active'), 0);
    const same = await ctl.run('generators', 'publish', '1', '--yes');
    assert.equal(same.code, 1);
    assert.match(same.stderr, /version 1: who imported a list cannot publish it/);
    const token = await tokenFile('operator');
    assert.equal((await ctl.run('generators', 'publish', '1', '--token-file', token, '--yes')).stderr, '');
    assert.match((await ctl.run('generators', 'publish', '1', '--token-file', token, '--yes')).stderr, /version 1: It names nothing that is not in force/);
    assert.equal(await count('programme.generator_answer'), 51);
});

test('who holds a token may import with it, and then not publish with it', async () => {
    const token = await tokenFile('enrolment');
    const again = told(await ctl.run('import', 'generators', shipped, '--source', 'shipped again', '--token-file', token));
    assert.deepEqual(again, { line: 'version 2 (draft), 51 rows, 0 differences to the active list', added: [], removed: [], changed: [] });
    assert.match((await ctl.run('generators', 'publish', '2', '--token-file', token, '--yes')).stderr, /who imported a list cannot publish it/);
    assert.match((await ctl.run('generators', 'publish', '2', '--token-file', await tokenFile('analyst'), '--yes')).stderr, /the role of this access token does not allow this/);
    assert.equal((await ctl.run('generators', 'publish', '2', '--yes')).stderr, '');
    assert.deepEqual(await ctl.sql(`select version, source, active, state, split_part(imported_by, ':', 1) as importer,
        split_part(published_by, ':', 1) as publisher from programme.generator_list order by 1`), [
        { version: 1, source: 'shipped', active: false, state: 'published', importer: 'local', publisher: 'token' },
        { version: 2, source: 'shipped again', active: true, state: 'published', importer: 'token', publisher: 'local' }]);
    assert.deepEqual(await ctl.sql(`select action, object_id, token_id is null as local from access.audit
        where action like 'generator_list.%' order by audit_id`), [
        { action: 'generator_list.import', object_id: '1', local: true }, { action: 'generator_list.publish', object_id: '1', local: false },
        { action: 'generator_list.import', object_id: '2', local: false }, { action: 'generator_list.publish', object_id: '2', local: true }]);
});

test('cells become values, an empty cell is null, not no, and zeros in front stay', async () => {
    const text = `\ufeff${header},aliases,receptacles,volts,breaker_a,trips_unbalanced,field_evidence,valid_from,valid_to,status,reason\r\n`
        + `${good},"Model One ; M1",l14-30r;5-20R,120/240,30,no,neutral=owner measured;carb=a=b,2026-01-01,2027-01-01,recalled,"fuel, leak"\r\n`
        + '"Quoted, Maker","Say ""hi""",battery,battery,,,,,,,,,"a, b",,,,,,,,,,\r\n'
        + 'Maker,007,engine,gasoline,,,,,unknown,,,,x,00012,,,0,,,,,,\r\n';
    assert.match((await importGenerators(text)).stdout, /^version 3 \(draft\), 3 rows, 54 differences/);
    const rows = await ctl.sql(`select make, model, fuels, running_w, starting_w, l14_30r, rated_a_240v, neutral,
        gfci_on_240v, co_shutoff, carb, evidence, aliases, receptacles, volts, breaker_a, trips_unbalanced, field_evidence,
        valid_from, valid_to, status, reason from programme.generator_model m
        join programme.generator_list l using (generator_list_id) where l.version = 3 order by generator_model_id`);
    const nothing = { running_w: [], starting_w: [], l14_30r: null, rated_a_240v: null, neutral: null, gfci_on_240v: null, co_shutoff: null,
        carb: null, aliases: [], receptacles: null, volts: null, breaker_a: null, trips_unbalanced: null, field_evidence: {},
        valid_from: null, valid_to: null, status: 'listed', reason: null };
    assert.deepEqual(rows, [
        { make: 'Maker', model: 'Model 1', fuels: ['gasoline', 'propane'], running_w: [7500, 6750], starting_w: [9500, 8550], l14_30r: true,
            rated_a_240v: 30, neutral: 'floating', gfci_on_240v: false, co_shutoff: true, carb: true, evidence: 'manual',
            aliases: ['Model One', 'M1'], receptacles: ['L14-30R', '5-20R'], volts: '120/240', breaker_a: 30, trips_unbalanced: false,
            field_evidence: { neutral: 'owner measured', carb: 'a=b' }, valid_from: '2026-01-01', valid_to: '2027-01-01', status: 'recalled', reason: 'fuel, leak' },
        { ...nothing, make: 'Quoted, Maker', model: 'Say "hi"', fuels: ['battery'], evidence: 'a, b' },
        { ...nothing, make: 'Maker', model: '007', fuels: ['gasoline'], evidence: 'x', aliases: ['00012'], breaker_a: 0 }]);
});

test('a list differs field by field, and a draft can be given up', async () => {
    const lines = (await readFile(shipped, 'utf8')).split('\n').filter((line) => !line.startsWith('WEN,6800E'));
    const text = lines.join('\n').replace('maker manual,WGen 7500 dual fuel', 'dealer sheet,WGen 7500 dual fuel').replace(/\n$/, '\nNew,Model,engine,gasoline,,,,,,,,,x,,,\n');
    const d = told(await importGenerators(text));
    assert.equal(d.line, 'version 4 (draft), 51 rows, 3 differences to the active list');
    assert.deepEqual(d.added, [{ make: 'New', model: 'Model' }]);
    assert.deepEqual(d.removed, [{ make: 'WEN', model: '6800E' }]);
    assert.deepEqual(d.changed, [{ make: 'Westinghouse', model: 'WGen7500DF', field: 'evidence', before: 'maker manual', after: 'dealer sheet' }]);
    assert.deepEqual(JSON.parse((await ctl.run('generators', 'difference', '4')).stdout), { added: d.added, removed: d.removed, changed: d.changed });
    assert.equal((await ctl.run('generators', 'discard', '4')).code, 0);
    assert.match((await ctl.run('generators', 'discard', '4')).stderr, /state of the resource/);
    assert.match((await ctl.run('generators', 'discard', '44')).stderr, /no such resource/);
    assert.match((await ctl.run('generators', 'publish', '0', '--yes')).stderr, /VERSION must be/);
});

const cell = (column, value) => good.split(',').map((old, i) => (header.split(',')[i] === column ? value : old)).join(',');
const badCells = [
    ['make', ''], ['make', 'x'.repeat(61)], ['source_type', 'turbine'], ['source_type', 'eng'], ['fuel', ''], ['running_w', '7500;'],
    ['running_w', '0'], ['running_w', '100001'], ['running_w', '7500W'], ['running_w', '1;2;3;4;5;6;7;8;9'], ['starting_w', '-1'], ['l14_30r', 'maybe'],
    ['l14_30r', 'YES'], ['rated_a_240v', '30 A'], ['rated_a_240v', '0'], ['rated_a_240v', '30.25'], ['neutral', 'none'], ['carb', '1'],
    ['evidence', ''], ['evidence', 'x'.repeat(201)],
];
for (const [column, value] of badCells) {
    test(`generators: ${column} '${value.slice(0, 20)}' is refused with row, column and value`, async () => {
        const { code, stderr } = await importGenerators(`${header}\n${good}\n${cell(column, value)}\n`);
        assert.equal(code, 1);
        assert.ok(stderr.includes(`row 3, column ${column}, value '${value.slice(0, 80)}': must be `), stderr);
    });
}

const badFiles = [
    ['no header', '', /row 1: no header/],
    ['an unknown column', `${header.replace('carb', 'crab')}\n${good}\n`, /row 1: unknown column 'crab'/],
    ['a column twice', `${header.replace('carb', 'make')}\n`, /row 1: column twice: 'make'/],
    ['a missing column', `${header.replace(',carb', '')}\n`, /row 1: missing column 'carb'/],
    ['one column too many', `${header},carb\n`, /row 1: column twice: 'carb'/],
    ['a row that is too short', `${header}\n${good}\nMaker,Model\n`, /row 3: too few columns/],
    ['a row that is too long', `${header}\n${good},more\n`, /row 2: too many columns/],
    ['a quote that never ends', `${header}\n"${good}\n`, /row 2: error parsing data/],
    ['a NUL', `${header}\n${good.replace('Maker', 'Ma\0ker')}\n`, /row 2: a NUL character/],
    ['a model twice', `${header}\n${good}\n${good.toUpperCase().replace('ENGINE,GASOLINE;PROPANE', 'engine,gasoline').replace('YES', 'yes').replace(/FLOATING,NO,YES,YES/, 'floating,no,yes,yes')}\n`,
        /row 3, column model, value 'MODEL 1': is in the list twice/],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(`${header}\n`), Buffer.from(good.replace('Maker', 'M\xe4ker'), 'latin1')]), /invalid byte sequence/],
];
for (const [what, text, message] of badFiles) {
    test(`generators: a file with ${what} is refused`, async () => {
        const { code, stderr } = await importGenerators(text);
        assert.equal(code, 1);
        assert.match(stderr, message);
    });
}

const more = (columns, cells) => `${header},${columns}\n${good},${cells}\n`;
const badMore = [
    ['an alias that is another model', `${header},aliases\n${good},Other 2\n${good.replace('Maker,Model 1', 'Other,2')},\n`, /row 3, column aliases, value '': is a name of another model, too/],
    ['an alias of two models', `${header},aliases\n${good},Same\n${good.replace('Model 1', 'Model 2')},s-a-m-e\n`, /row 3, column aliases, value 's-a-m-e': is a name/],
    ['a recall without a reason', more('status', 'recalled'), /row 2, column reason, value '': must be given when status is withdrawn or recalled/],
    ['a reason without a recall', more('reason', 'why'), /row 2, column reason, value 'why': must be given when/],
    ['evidence for no column', more('field_evidence', 'crab=x'), /row 2, column field_evidence, value 'crab=x': must be column=what says so/],
    ['evidence that is empty', more('field_evidence', 'carb='), /must be column=what says so/],
    ['a date that is none', more('valid_from', '2026-02-30'), /row 2, column model, value 'Model 1': date\/time field value out of range/],
    ['a span that ends before it starts', more('valid_from,valid_to', '2026-02-02,2026-02-01'), /row 2, column model, value 'Model 1': new row .* violates check/],
];
for (const [what, text, message] of badMore) {
    test(`generators: a file with ${what} is refused`, async () => {
        const { code, stderr } = await importGenerators(text);
        assert.equal(code, 1);
        assert.match(stderr, message);
    });
}

test('generators: a line of 100 MB is refused before it is read', async () => {
    const file = await ctl.file('long.csv', Buffer.concat([Buffer.from(`${header}\n`), Buffer.alloc(100 << 20, 'x')]));
    const { code, stderr } = await ctl.run('import', 'generators', file, '--source', 'x');
    assert.equal(code, 1);
    assert.match(stderr, /not a file of at most 32 MiB/);
    await ctl.file('long.csv', '');
});

test('generators: nothing of what was refused is stored, and the active list stays', async () => {
    assert.deepEqual(await ctl.sql('select version, state, active from programme.generator_list order by 1'), [
        { version: 1, state: 'published', active: false }, { version: 2, state: 'published', active: true },
        { version: 3, state: 'draft', active: false }, { version: 4, state: 'discarded', active: false }]);
    assert.equal(await count('programme.generator_model'), 51 + 51 + 3 + 51);
});
