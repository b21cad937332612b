// bptmctl import generators from XLSX: cells as they were typed, and files that mean harm.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { workbook, zip } from '../lib/xlsx.mjs';
import { Ctl } from './ctl.mjs';

const header = ['make', 'model', 'source_type', 'fuel', 'running_w', 'starting_w', 'l14_30r', 'rated_a_240v', 'neutral', 'gfci_on_240v', 'co_shutoff', 'carb', 'evidence', 'aliases'];
const row = ['Maker', '00012', 'engine', 'gasoline', 7500, '9500', 'yes', 39.6, 'floating', 'no', 'yes', 'yes', 'manual', '0042'];
const rows = [header, row, ['Other', '=HYPERLINK("x")', 'battery', 'battery', '', '', '', '', '', '', '', '', { formula: '1+1', value: 'two' }, '']];
let ctl;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('sheets');
    await ctl.run('db', 'upgrade');
});
after(() => ctl?.destroy());

const importFile = async (bytes, ...options) => ctl.run('import', 'generators', await ctl.file('sheet.xlsx', bytes), '--source', 'sheet', ...options);

test('text keeps its zeros, numbers are numbers, a formula is the value it had, and text that looks like one is text', async () => {
    const { stdout, stderr } = await importFile(zip(workbook(rows)));
    assert.equal(stderr, '');
    assert.match(stdout, /^version 1 \(draft\), 2 rows, 2 differences/);
    assert.deepEqual(await ctl.sql('select make, model, running_w, starting_w, rated_a_240v, aliases, evidence from programme.generator_model order by make'), [
        { make: 'Maker', model: '00012', running_w: [7500], starting_w: [9500], rated_a_240v: 39.6, aliases: ['0042'], evidence: 'manual' },
        { make: 'Other', model: '=HYPERLINK("x")', running_w: [], starting_w: [], rated_a_240v: null, aliases: [], evidence: 'two' }]);
    const bad = await importFile(zip(workbook([header, row.with?.(2, 'turbine') ?? row.map((v, n) => (n === 2 ? 'turbine' : v))])));
    assert.match(bad.stderr, /row 2, column source_type, value 'turbine': must be engine\|inverter/);
});

const good = zip(workbook(rows));
const xxe = workbook(rows, { doctype: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' });
xxe['xl/worksheets/sheet1.xml'] = xxe['xl/worksheets/sheet1.xml'].replace('<v>two</v>', '<v>&e;</v>');
const laughs = workbook(rows, { doctype: `<!DOCTYPE x [<!ENTITY a0 "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY a${n + 1} "&a${n};&a${n};&a${n};&a${n};">`).join('')}]>` });
laughs['xl/worksheets/sheet1.xml'] = laughs['xl/worksheets/sheet1.xml'].replace('<v>two</v>', '<v>&a30;</v>');
const read = 'cannot be read as a spreadsheet';
const hostile = [
    ['an entry that unpacks to 2,000 times its size', () => zip({ ...workbook(rows), 'xl/media/a': Buffer.alloc(32 << 20) }), /more than 200 times/],
    ['a directory that lies about the sheet', () => zip({ ...workbook(rows), 'xl/worksheets/sheet1.xml': Buffer.alloc(80 << 20, ' ') }, (e) => ({ ...e, unpacked: Math.min(e.unpacked, 5000) })), new RegExp(read)],
    ['a bomb inside the bomb', () => zip({ 'inner.zip': zip({ 'inner.zip': zip({ a: Buffer.alloc(1 << 20) }) }) }), /is not an XLSX workbook/],
    ['300 entries', () => zip({ ...workbook(rows), ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`x/${n}`, 'x'])) }), /more than 256/],
    ['entries that would unpack to 4 GB', () => zip(workbook(rows), (e) => ({ ...e, packed: 30 << 20, unpacked: 0xfffffff0 })), /more than 64 MiB|share bytes/],
    ['macros', () => zip({ ...workbook(rows), 'xl/vbaProject.bin': 'x' }), /it has macros/],
    ['a password', () => zip(workbook(rows), (e) => ({ ...e, flags: 1 })), /it is encrypted/],
    ['a file that was cut off', () => good.subarray(0, good.length - 30), /its end is missing/],
    ['a directory that was cut', () => Buffer.concat([good.subarray(0, 400), good.subarray(-22)]), /directory is damaged/],
    ['a sheet that is not XML', () => zip({ ...workbook(rows), 'xl/worksheets/sheet1.xml': 'PK<<<' }), new RegExp(read)],
    ['an external entity', () => zip(xxe), new RegExp(read)],
    ['entities that grow', () => zip(laughs), new RegExp(read)],
];
for (const [what, make, message] of hostile) {
    test(`a spreadsheet with ${what} is refused, and nothing is kept`, async () => {
        const { code, stdout, stderr } = await importFile(make());
        assert.equal(code, 1, stdout);
        assert.match(stderr, message);
        assert.doesNotMatch(stderr, /root:/);
        assert.equal(await ctl.value('(select count(*) from programme.generator_list)'), 1);
    });
}
