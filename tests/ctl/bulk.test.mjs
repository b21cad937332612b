// bptmctl import premises, accounts, circuits, links: the bulk import, with every kind of bad file.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl, installed } from './ctl.mjs';

let ctl;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('bulk');
    await ctl.run('db', 'upgrade');
    await ctl.run('person-key', 'seal', ctl.stack.file('secret/person.key'));
    await ctl.run('seed');
});
after(() => ctl?.destroy());

const count = (table) => ctl.value(`(select count(*) from ${table})`);
const sample = async (name) => ctl.file(name, await readFile(new URL(`data/${name}`, import.meta.url)));
const load = async (kind, text, ...options) =>
    ctl.run('import', kind, await ctl.file(`${kind}.csv`, Array.isArray(text) ? text.join('\n') + '\n' : text), ...options);
const done = (rows, made, changed, same) => new RegExp(`^${rows} rows, ${made} new, ${changed} changed, ${same} unchanged, 0 errors\ncommitted as import \\d+\n(?:version \\d+ of list '[a-z-]+', a draft\n)*$`);

/** Nothing but the staging changes: what is stored, by table. */
const stored = async () => JSON.stringify(await ctl.sql(`select (select jsonb_agg(p order by p.premise_id) from programme.premise p) as p,
    (select jsonb_agg(a order by a.account_id) from programme.account a) as a, (select jsonb_agg(c order by c.customer_id) from person.customer c) as c,
    (select jsonb_agg(l order by l) from programme.premise_circuit l) as l, (select jsonb_agg(d order by d) from programme.circuit_designation d) as d,
    (select jsonb_agg(k order by k) from programme.circuit k) as k`));

async function refused(kind, text, message, ...options) {
    const old = await stored();
    const { code, stderr } = await load(kind, text, ...options);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
    assert.equal(await stored(), old, 'nothing was written');
}

// -- circuits -----------------------------------------------------------------------------------

const circuits = 'circuit_id,name,designation,valid_from,valid_to';

const designated = () => ctl.sql('select circuit_id, valid_from, valid_to from programme.circuit_designation order by 1, 2');
const publish = (number) => ctl.run('circuits', 'publish', 'epss', '--number', String(number), '--yes');

test('circuits keep their leading zeros; their designations are a draft until it is published; the same file again changes nothing', async () => {
    const { stdout } = await ctl.run('import', 'circuits', await sample('circuits.csv'));
    assert.match(stdout, done(5, 5, 0, 0));
    assert.match(stdout, /^version 1 of list 'epss', a draft$/m);
    assert.deepEqual(await designated(), [], 'nothing is designated yet');
    assert.match((await ctl.run('import', 'circuits', await sample('circuits.csv'), '--dry-run')).stdout, /^5 rows, 0 new, 3 changed, 2 unchanged/);
    const shown = await ctl.run('circuits', 'publish', 'epss', '--number', '1');
    assert.equal(shown.code, 2);
    assert.match(shown.stdout + shown.stderr, /bptm: of 0 premises[^]*version 1 of list 'epss' is not in force: look at this, and say --yes/);
    assert.equal((await publish(1)).code, 0);
    assert.deepEqual((await designated()).map((d) => `${d.circuit_id} ${d.valid_from} ${d.valid_to}`),
        ['012345601 2021-07-28 null', '043210977 2021-07-28 2023-11-01', '043210977 2024-05-01 null']);
    assert.match((await ctl.run('import', 'circuits', await sample('circuits.csv'))).stdout, done(5, 0, 0, 5));
    assert.deepEqual(await ctl.sql('select circuit_id from programme.circuit order by 1'),
        ['012345601', '012345602', '043210977', '152340001'].map((circuit_id) => ({ circuit_id })));
});

test('circuits: an end and a new name are a change, and a following period may begin where one ends; what the file leaves out stays', async () => {
    assert.match((await load('circuits', [circuits, '012345601,RENAMED 1101,epss,2021-07-28,2026-01-01', '012345601,RENAMED 1101,epss,2026-01-01,'])).stdout, done(2, 0, 2, 0));
    assert.equal(await ctl.value("(select name from programme.circuit where circuit_id = '012345601')"), 'RENAMED 1101');
    assert.equal((await designated()).length, 3, 'the list in force is as it was');
    assert.equal((await publish(2)).code, 0);
    assert.deepEqual((await designated()).map((d) => `${d.circuit_id} ${d.valid_from} ${d.valid_to}`),
        ['012345601 2021-07-28 2026-01-01', '012345601 2026-01-01 null', '043210977 2021-07-28 2023-11-01', '043210977 2024-05-01 null']);
    assert.match((await load('circuits', [circuits, '012345602,RENAMED 1102,,,'])).stdout, /1 changed.*\ncommitted as import \d+\n$/, 'a name alone drafts nothing');
    await load('circuits', [circuits, '012345602,SAMPLE PINES 1102,,,']);
});

const badCircuits = [
    ['an empty id', ',NAME,,,', /row 2, column circuit_id, value '': is empty; give 1 to 32 characters/],
    ['a date in another order', '1,NAME,epss,28/07/2021,', /row 2, column valid_from, value '28\/07\/2021': is written in another order; write it as YYYY-MM-DD/],
    ['a day that does not exist', '1,NAME,epss,2021-02-30,', /row 2, column valid_from, value '2021-02-30': is not a date as/],
    ['a designation without a date', '1,NAME,epss,,', /row 2, column valid_from, value '': goes together with designation/],
    ['a date without a designation', '1,NAME,,2021-01-01,', /goes together with designation/],
    ['an end before the start', '1,NAME,epss,2021-01-02,2021-01-01', /row 2, column valid_to, value '2021-01-01': must be after valid_from/],
    ['an overlap with what is stored', '043210977,SAMPLE RIVER 2103,epss,2022-01-01,2022-02-01', /row 2, column valid_from, value '2022-01-01': overlaps another period/],
    ['an overlap within the file', '1,NAME,epss,2022-01-01,2022-03-01\n1,NAME,epss,2022-02-01,', /row [23], column valid_from, .*overlaps another period/],
    ['a row twice', '1,NAME,epss,2022-01-01,\n1,NAME,epss,2022-01-01,', /row 3, column circuit_id, value '1': is in row 2, too/],
    ['two names of one circuit', '1,NAME,,,\n1,OTHER,epss,2022-01-01,', /row 3, column name, value 'OTHER': is 'NAME' in row 2/],
    ['a designation in capitals', '1,NAME,EPSS,2021-01-01,', /row 2, column designation, value 'EPSS': must be/],
];
for (const [what, rows, message] of badCircuits) {
    test(`circuits: ${what} is refused`, () => refused('circuits', [circuits, rows], message));
}

// -- premises -----------------------------------------------------------------------------------

const premises = 'code,address,city,postal_code,longitude,latitude,meter_number,meter_form,service_amps,service_voltage,circuit_id,circuit_from';
const home = (code, rest = {}) => {
    const row = { code, address: '1 Sample Road', city: 'Town', postal_code: '01234', longitude: '-121.01', latitude: '39.26', meter_number: `M${code}`,
        meter_form: '2S', service_amps: '200', service_voltage: '120/240', circuit_id: '012345601', circuit_from: '2024-01-01', ...rest };
    return premises.split(',').map((name) => row[name]).join(',');
};

test('premises: headers of their own, semicolons, CRLF, a mark and quotes', async () => {
    const text = '\ufeffSP ID;Street Address;Town;ZIP;Lon;LAT;Badge Nr\r\n"0001";"5 ""High"" Street; rear";Town;00501;-121.1;39.1;007\r\n';
    assert.match((await load('premises', text, '--mapping', 'Badge Nr=meter_number')).stdout, done(1, 1, 0, 0));
    assert.deepEqual(await ctl.sql(`select code, address, postal_code, meter_number, st_x(geom) as x from programme.premise`),
        [{ code: '0001', address: '5 "High" Street; rear', postal_code: '00501', meter_number: '007', x: -121.1 }]);
});

test('premises: created with their circuit, unchanged when repeated, updated field by field', async () => {
    const file = [premises, home('P1'), home('P2', { longitude: '-120.5' })];
    assert.match((await load('premises', file)).stdout, done(2, 2, 0, 0));
    assert.match((await load('premises', file)).stdout, done(2, 0, 0, 2));
    const dry = await load('premises', [premises, home('P1', { address: '2 Other Road' }), home('P3')], '--dry-run');
    assert.equal(dry.stdout.split('\n')[0], '2 rows, 1 new, 1 changed, 0 unchanged, 0 errors');
    assert.match(dry.stdout, /^row 2: update P1: address "1 Sample Road" -> "2 Other Road"$/m);
    assert.equal(await count('programme.premise'), 3);
    assert.match((await load('premises', [premises, home('P1', { address: '2 Other Road' })], '--why', 'renamed street')).stdout, done(1, 0, 1, 0));
    assert.deepEqual(await ctl.sql(`select address, version from programme.premise where code = 'P1'`), [{ address: '2 Other Road', version: 2 }]);
});

test('premises: a column that is not there and an empty cell keep what is stored; clear empties', async () => {
    const few = 'code,address,city,postal_code,longitude,latitude,meter_form';
    const row = 'P1,2 Other Road,Town,01234,-121.01,39.26,';
    assert.match((await load('premises', [few, row])).stdout, done(1, 0, 0, 1));
    assert.match((await load('premises', [few, row], '--empty', 'clear')).stdout, done(1, 0, 1, 0));
    assert.deepEqual(await ctl.sql(`select meter_form, service_amps, meter_number from programme.premise where code = 'P1'`),
        [{ meter_form: null, service_amps: 200, meter_number: 'MP1' }]);
});

test('premises: another circuit ends the old link on its day', async () => {
    assert.match((await load('premises', [premises, home('P2', { longitude: '-120.5', circuit_id: '152340001', circuit_from: '2025-05-01' })])).stdout, done(1, 0, 1, 0));
    assert.deepEqual(await ctl.sql(`select circuit_id, valid_from, valid_to from programme.premise_circuit join programme.premise using (premise_id) where code = 'P2' order by 2`),
        [{ circuit_id: '012345601', valid_from: '2024-01-01', valid_to: '2025-05-01' }, { circuit_id: '152340001', valid_from: '2025-05-01', valid_to: null }]);
});

test('premises: two may exchange their meters in one file', async () => {
    const swap = [premises, home('S1', { meter_number: 'X1' }), home('S2', { meter_number: 'X2' })];
    assert.match((await load('premises', swap)).stdout, done(2, 2, 0, 0));
    assert.match((await load('premises', [premises, home('S1', { meter_number: 'X2' }), home('S2', { meter_number: 'X1' })])).stdout, done(2, 0, 2, 0));
    assert.deepEqual(await ctl.sql(`select code, meter_number from programme.premise where code like 'S_' order by 1`),
        [{ code: 'S1', meter_number: 'X2' }, { code: 'S2', meter_number: 'X1' }]);
});

test('every write is in the audit, without the address', async () => {
    const [row] = await ctl.sql(`select a.role, a.before, a.after, i.after as import from access.audit a
        join access.audit i on i.action = 'import.commit' and 'import-' || i.object_id = a.request_id
        join programme.premise p on p.premise_id::text = a.object_id
        where a.action = 'premise.import' and p.code = 'P1' and i.after ->> 'why' = 'renamed street'`);
    assert.deepEqual([row.role, row.before, row.after], ['operator', {}, {}]);
    const text = [premises, home('P1', { address: '2 Other Road' }), ''].join('\n');
    assert.deepEqual([row.import.file_name, row.import.sha256, row.import.rows, row.import.updates, row.import.creates, row.import.unchanged],
        ['premises.csv', createHash('sha256').update(text).digest('hex'), 1, 1, 0, 0]);
});

const badPremises = [
    ['a code twice', `${home('N1')}\n${home('N2')}\n${home('N1', { meter_number: 'other' })}`, /row 4, column code, value 'N1': is in row 2, too/],
    ['a meter twice', `${home('N1')}\n${home('N2', { meter_number: 'MN1' })}`, /row 3, column meter_number, value 'MN1': is in row 2, too/],
    ['a meter of another premise', home('N1', { meter_number: 'MP2' }), /row 2, column meter_number, value 'MP2': is the meter of premise P2/],
    ['an unknown circuit', home('N1', { circuit_id: '12345601' }), /row 2, column circuit_id, value '12345601': is not a known circuit/],
    ['swapped coordinates', home('N1', { longitude: '39.26', latitude: '-121.01' }), /row 2, column latitude, value '-121.01': .*look swapped/],
    ['a longitude out of range', home('N1', { longitude: '-1210.1' }), /row 2, column longitude, value '-1210.1': is out of range/],
    ['no place', home('N1', { longitude: '0', latitude: '0.0' }), /row 2, column longitude, value '0': is no place/],
    ['a decimal comma', home('N1', { longitude: '"-121,01"' }), /row 2, column longitude, value '-121,01': has a decimal comma/],
    ['a number that is not', home('N1', { latitude: 'NaN' }), /row 2, column latitude, value 'NaN': is not a number/],
    ['an id that a spreadsheet broke', home('1.23457E+11'), /row 2, column code, value '1.23457E\+11': was turned into a number by a spreadsheet/],
    ['another voltage', home('N1', { service_voltage: '240' }), /row 2, column service_voltage, value '240': must be 120\/240/],
    ['too long an address', home('N1', { address: 'x'.repeat(201) }), /row 2, column address, value 'x{80}': has 201 characters/],
    ['a line break in a cell', home('N1', { address: '"1 Road\nrear"' }), /row 2, column address, .*: has a line break/],
    ['a cell too many', `${home('N1')},more`, /row 2: has 13 cells, the header 12/],
    ['a cell too few', 'N1,Road', /row 2: has 2 cells, the header 12/],
    ['a circuit from before the stored one', home('P1', { address: '2 Other Road', circuit_id: '152340001', circuit_from: '2023-01-01' }), /row 2, column circuit_id, .*a link from 2024-01-01 is stored/],
    ['amperes in words', home('N1', { service_amps: '200A' }), /row 2, column service_amps, value '200A': must be amperes/],
];
for (const [what, rows, message] of badPremises) {
    test(`premises: ${what} is refused`, () => refused('premises', [premises, rows], message));
}

const latin = Buffer.from(`${premises}\n${home('N1', { city: 'M\xe4dchen' })}\n`, 'latin1');
const badFiles = [
    ['Latin-1', latin, /row 2, column 3: is not UTF-8; save the file as "CSV UTF-8"/],
    ['UTF-16', Buffer.from(`\ufeff${premises}\n`, 'utf16le'), /row 1: the file is UTF-16/],
    ['a NUL', `${premises}\n${home('N1').replace('Sample', 'Sam\0ple')}\n`, /row 2, column 2: has a NUL character/],
    ['a stray quote', `${premises}\n${home('N1', { address: '1 "High" Street' })}\n`, /row 2, column 2: has a quote in the wrong place/],
    ['a quote never closed', `${premises}\n${home('N1', { circuit_from: '"2024-01-01' })}\n`, /row 2, column 12: has a quote that is never closed/],
    ['a row of 100 kB', `${premises}\n${home('N1', { address: 'x'.repeat(100_000) })}\n`, /row 2, column \d+: is longer than 65536 bytes/],
    ['65 columns', `${premises}${',x'.repeat(53)}\n`, /row 1, column 64: more than 64 columns/],
    ['nothing', '', /row 1: the file is empty/],
    ['a header alone', `${premises}\n`, /row 1: the file has a header and no rows/],
    ['no header', `${home('N1')}\n${home('N2')}\n`, /row 1: no column for code, address, .*; name its column by a mapping/],
    ['a column twice', `${premises},spid\n`, /row 1: the columns 'code', 'spid' are all code/],
    ['a mapping of a column it lacks', `${premises}\n`, /row 1: the mapping names the column 'Nope'/, '--mapping', 'Nope=code'],
    ['a mapping to no field', `${premises}\n`, /row 1: the mapping names the field 'nope', which premises do not have/, '--mapping', 'code=nope'],
    ['another separator than said', `${premises}\n`, /row 1: no column for .* look at the separator/, '--separator', 'tab'],
];
for (const [what, text, message, ...options] of badFiles) {
    test(`a file with ${what} is refused`, () => refused('premises', text, message, ...options));
}

test('rows without errors can be imported; the rejects file has the others, guarded, and can be repaired', async () => {
    const bad = home('R2', { address: '=cmd()', latitude: '391' });
    const rejects = ctl.stack.file('bulk-rejects.csv');
    const { code, stdout, stderr } = await load('premises', [premises, home('R1'), bad], '--skip-errors', '--rejects', rejects);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^2 rows, 1 new, 0 changed, 0 unchanged, 1 errors\ncommitted/);
    assert.equal(await ctl.value(`(select count(*) from programme.premise where code in ('R1', 'R2'))`), 1);
    assert.equal(await readFile(rejects, 'utf8'), [
        `${premises.split(',').map((name) => `"${name}"`).join(',')},"row","error"\r\n`,
        `${bad.replace('=cmd', "'=cmd").split(',').map((cell) => `"${cell}"`).join(',')},"3","latitude: is out of range; give degrees from -90 to 90, such as 39.2616"\r\n`].join(''));
});

// -- accounts -----------------------------------------------------------------------------------

const accounts = 'number,premise_code,kind,active,customer_name,email,phone,medical_baseline';

test('accounts come with their customers, and a change of one is a change of the account', async () => {
    const file = [accounts, '0042,P1,residential,yes,Ann Sample,ann@example.org,+1 555 0100,Y', '0043,P2,business,no,Beta Shop,,,'];
    assert.match((await load('accounts', file)).stdout, done(2, 2, 0, 0));
    assert.match((await load('accounts', file)).stdout, done(2, 0, 0, 2));
    assert.match((await load('accounts', [accounts, '0042,P1,Residential,true,Ann Other,ann@example.org,,no'])).stdout, done(1, 0, 1, 0));
    // what is stored of persons is sealed, and opened for the comparison: a file that says it changes nothing
    assert.match((await load('accounts', [accounts, '0042,P1,residential,yes,Ann Other,ann@example.org,+1 555 0100,no', '0043,P2,business,no,Beta Shop,,,no'], '--empty', 'clear')).stdout, done(2, 0, 0, 2));
    assert.match((await load('accounts', [accounts, '0042,P1,residential,yes,Ann Othe,,,'], '--dry-run')).stdout, /^row 2: update 0042: customer_name "Ann Other" -> "Ann Othe"$/m);
    assert.deepEqual(await ctl.sql(`select a.number, p.code, a.kind, a.active, c.medical_baseline from programme.account a
        join programme.premise p using (premise_id) join person.customer c using (customer_id) order by 1`), [
        { number: '0042', code: 'P1', kind: 'residential', active: true, medical_baseline: false },
        { number: '0043', code: 'P2', kind: 'business', active: false, medical_baseline: false }]);
    const text = JSON.stringify(await ctl.sql('select * from access.audit'));
    assert.ok(!/Ann |Beta|example\.org|\+1 555/.test(text), 'no personal data in the audit');
    assert.ok(text.includes('"customer_fields":["customer_name","medical_baseline"]'));
});

test('accounts: who is no longer active has moved out, which ends the enrolment and nothing else; again nothing changes', async () => {
    await load('premises', [premises, home('MO1'), home('MO2', { longitude: '-120.9' })]);
    await load('accounts', [accounts, '0091,MO1,residential,yes,Mo One,,,', '0092,MO2,residential,yes,Mo Two,,,']);
    await ctl.execute(`insert into programme.application (programme_id, premise_id, account_id, customer_id, state, generator_make, generator_model,
            owner_or_permission, access_agreed, survey_agreed)
        select (select programme_id from programme.programme order by 1 limit 1), a.premise_id, a.account_id, a.customer_id,
               case a.number when '0091' then 'installed' else 'submitted' end, 'A', 'B', true, true, true
        from programme.account a where a.number in ('0091', '0092')`);
    const file = [`${accounts},moved_out`, '0091,MO1,residential,no,Mo One,,,,', '0092,MO2,residential,,Mo Two,,,,2099-01-01'];
    const dry = await load('accounts', file, '--dry-run');
    assert.match(dry.stdout, /^row 2: update 0091: active true -> false, ends_applications 0 -> 1$/m);
    assert.match(dry.stdout, /^row 3: update 0092: active true -> false, ends_applications 0 -> 1, moved_out null -> "2099-01-01"$/m);
    assert.match((await load('accounts', file, '--why', 'they moved')).stdout, done(2, 0, 2, 0));
    assert.match((await load('accounts', file)).stdout, done(2, 0, 0, 2));
    assert.deepEqual(await ctl.sql(`select c.number, c.active, c.moved_out = current_date as today, c.version, a.state, e.action, e.from_state, e.role
        from programme.account c join programme.application a using (account_id) join programme.application_event e using (application_id)
        where c.number like '009_' order by 1`), [
        { number: '0091', active: false, today: true, version: 2, state: 'closed', action: 'move_out', from_state: 'installed', role: 'ACCOUNT' },
        { number: '0092', active: false, today: false, version: 2, state: 'closed', action: 'move_out', from_state: 'submitted', role: 'ACCOUNT' }]);
    assert.deepEqual(await ctl.sql(`select distinct action, role, reason from access.audit where action = 'application.move_out' order by reason`),
        [{ action: 'application.move_out', role: 'operator', reason: `the customer of record moved out on 2099-01-01` },
            { action: 'application.move_out', role: 'operator', reason: `the customer of record moved out on ${await ctl.value('current_date')}` }]
            .sort((a, b) => (a.reason < b.reason ? -1 : 1)));
    for (const [row, message] of [
        ['0091,MO1,residential,yes,Mo Three,,,,', /row 2, column active, value 'yes': is yes, but nobody has held the account since/],
        ['0092,MO2,residential,no,Mo Two,,,,2099-01-02', /row 2, column moved_out, value '2099-01-02': differs from 2099-01-01/],
        ['0099,MO2,residential,no,Mo Two,,,,2099-01-02', /row 2, column moved_out, .*: is for an account that is stored/],
        ['0042,P1,Residential,yes,Ann Other,,,,2099-01-02', /row 2, column moved_out, .*: goes together with active no/],
        ['0042,P1,Residential,no,Ann Other,,,,2001-01-02', /row 2, column moved_out, .*: is before /]]) {
        await refused('accounts', [`${accounts},moved_out`, row], message);
    }
});

test('upgrade: programmes that took applications without a season go on in an open one', async () => {
    await ctl.execute('delete from programme.application_event; update programme.application set programme_year_id = null; delete from programme.programme_year');
    const [before] = await ctl.sql(`select min(created_at)::date as first from programme.application
        where programme_id = (select programme_id from programme.programme order by 1 limit 1)`);
    await ctl.execute("update programme.application set state = 'approved' where generator_make = 'A'");
    await ctl.execute(await readFile(path.join(installed, 'patch/0490-programme-without-season.sql'), 'utf8'));
    assert.deepEqual(await ctl.sql(`select y.opens_on, y.closes_on, y.quota, y.reserved, (select count(*) from programme.application a where a.programme_year_id = y.programme_year_id) as held
        from programme.programme_year y`), [{ opens_on: before.first, closes_on: null, quota: null, reserved: 2, held: 2 }]);
    await ctl.execute(await readFile(path.join(installed, 'patch/0490-programme-without-season.sql'), 'utf8'));
    assert.equal(await count('programme.programme_year'), 1, 'and once only');
});

const badAccounts = [
    ['an unknown premise', '0050,NOPE,residential,yes,A,,,', /row 2, column premise_code, value 'NOPE': is not a known premise/],
    ['another premise', '0042,P2,residential,yes,Ann Other,,,', /row 2, column premise_code, value 'P2': differs from premise P1/],
    ['an account twice', '0050,P1,residential,yes,A,,,\n0050,P1,residential,yes,B,,,', /row 3, column number, value '0050': is in row 2, too/],
    ['another kind', '0050,P1,industrial,yes,A,,,', /row 2, column kind, value 'industrial': must be residential or business/],
    ['a mail address that is none', '0050,P1,residential,yes,A,nobody,,', /row 2, column email, value 'nobody': is not an address/],
    ['a flag that is none', '0050,P1,residential,maybe,A,,,', /row 2, column active, value 'maybe': must be yes or no/],
    ['no name', '0050,P1,residential,yes, ,,,', /row 2, column customer_name, value '': is empty/],
];
for (const [what, rows, message] of badAccounts) {
    test(`accounts: ${what} is refused`, () => refused('accounts', [accounts, rows], message));
}

// -- links --------------------------------------------------------------------------------------

const links = 'premise_code,circuit_id,valid_from,valid_to';

test('links: history, and the next one ends an open one; the same file again changes nothing', async () => {
    const file = [links, '0001,012345601,2019-01-01,', '0001,012345602,2022-01-01,2023-01-01', '0001,152340001,2023-06-01,'];
    assert.match((await load('links', file)).stdout, done(3, 3, 0, 0));
    assert.match((await load('links', file)).stdout, done(3, 0, 0, 3));
    assert.deepEqual(await ctl.sql(`select circuit_id, valid_from, valid_to from programme.premise_circuit join programme.premise using (premise_id) where code = '0001' order by 2`), [
        { circuit_id: '012345601', valid_from: '2019-01-01', valid_to: '2022-01-01' }, { circuit_id: '012345602', valid_from: '2022-01-01', valid_to: '2023-01-01' },
        { circuit_id: '152340001', valid_from: '2023-06-01', valid_to: null }]);
});

const badLinks = [
    ['an unknown premise', '1,012345601,2024-01-01,', /row 2, column premise_code, value '1': is not a known premise/],
    ['an unknown circuit', '0001,99,2024-01-01,', /row 2, column circuit_id, value '99': is not a known circuit/],
    ['an overlap', '0001,012345601,2018-01-01,2020-01-01', /row 2, column valid_to, value '2020-01-01': is after 2019-01-01/],
    ['a beginning inside a stored one', '0001,012345601,2022-06-01,2022-07-01', /row 2, column valid_from, value '2022-06-01': is before 2023-01-01/],
    ['a day twice', '0001,012345601,2026-01-01,\n0001,012345602,2026-01-01,', /row 3, column valid_from, .*is in row 2, too/],
    ['an end before the start', '0001,012345601,2026-01-02,2026-01-01', /row 2, column valid_to, .*must be after valid_from/],
];
for (const [what, rows, message] of badLinks) {
    test(`links: ${what} is refused`, () => refused('links', [links, rows], message));
}

test('what is stored may change between check and commit: then nothing is written', async () => {
    const file = [premises, home('P1', { address: '9 Stale Road' })];
    await load('premises', file, '--dry-run');
    const id = await ctl.value('(select max(import_id) from programme.import)');
    await ctl.execute(`update programme.import set state = 'committing', commit_role = 'operator' where import_id = ${id}`);
    await ctl.execute(`select programme.import_verify(${id}, 2, 5001)`);
    await ctl.execute(`update programme.premise set address = 'elsewhere' where code = 'P1'`);
    await assert.rejects(ctl.execute(`select programme.import_verify(${id}, 2, 5001)`), /conflict/);
});
