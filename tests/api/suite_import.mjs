// Bulk imports over REST: the whole way, each way off it, and files that mean harm.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';
import { workbook, zip } from '../lib/xlsx.mjs';
import { home, request } from './suite_life.mjs';

const premises = 'code,address,city,postal_code,longitude,latitude';
const homes = (from, to, rest = ',Road,Town,01234,-121,39') => Array.from({ length: to - from }, (_, n) => `IM-${from + n}${rest}`).join('\n') + '\n';

export function bulkImport(api) {
    const make = (role, body) => api().expect(201, 'POST', '/v1/imports', { role, body: { file_name: 'x.csv', why: 'test', ...body } });
    const put = (status, id, raw, role = 'enrolment') =>
        api().expect(status, 'PUT', `/v1/imports/${id}/file`, { role, raw, headers: { 'content-type': 'text/csv; charset=utf-8' } });
    const get = (id, role = 'enrolment') => api().expect(200, 'GET', `/v1/imports/${id}`, { role });
    const reach = (id, ...states) => until(`import ${id} is ${states}`, async () => {
        const now = await get(id);
        return states.includes(now.state) && now;
    });
    const upload = async (body, raw) => {
        const { id } = await make('enrolment', body);
        await put(200, id, raw);
        return reach(id, 'checked');
    };
    const commit = async (id, role = 'enrolment') => {
        await api().expect(202, 'POST', `/v1/imports/${id}/commit`, { role });
        return reach(id, 'committed');
    };
    const counts = ({ rows, creates, updates, unchanged, errors, rejected }) => [rows, creates, updates, unchanged, errors, rejected];

    test('circuits by an operator: made, sent, checked, looked at, committed; again nothing changes', async () => {
        const file = 'Feeder Nr;name\n007;IMPORTED 1101\n008;IMPORTED 1102\n';
        const { id } = await make('operator', { kind: 'circuits', mapping: { 'Feeder Nr': 'circuit_id' } });
        const sent = await put(200, id, file, 'operator');
        assert.deepEqual([sent.rows, sent.bytes, sent.sha256.length], [2, file.length, 64]);
        assert.deepEqual(counts(await reach(id, 'checked')), [2, 2, 0, 0, 0, 0]);
        const { items: [first] } = await api().expect(200, 'GET', `/v1/imports/${id}/changes?limit=1`, { role: 'operator' });
        assert.deepEqual(first, { row: 2, action: 'create', key: '007', fields: [{ field: 'circuit_id', before: null, after: '007' }, { field: 'name', before: null, after: 'IMPORTED 1101' }] });
        assert.equal((await commit(id, 'operator')).percent, 100);
        const again = await upload({ kind: 'circuits', mapping: { 'Feeder Nr': 'circuit_id' } }, file);
        assert.deepEqual(counts(again), [2, 0, 0, 2, 0, 0]);
        const { items } = await api().expect(200, 'GET', '/v1/audit?object=import:' + id, { role: 'operator' });
        assert.deepEqual(items.map((row) => row.action), ['import.commit', 'import.commit_asked', 'import.upload', 'import.create']);
        assert.deepEqual([items[0].role, items[0].after.sha256, items[0].after.creates, items[0].after.why], ['operator', sent.sha256, 2, 'test']);
    });

    test('designations of circuits become drafts, which a preview puts in force; rules see nothing of them before', async () => {
        await api().exec("insert into programme.circuit (circuit_id, name) values ('007', 'IMPORTED 1101') on conflict do nothing");
        const designations = async () => (await api().expect(200, 'GET', '/v1/circuits?limit=200', { role: 'operator' })).items.find((c) => c.id === '007').designations;
        const active = async () => (await api().expect(200, 'GET', '/v1/circuit-lists?limit=200', { role: 'operator' })).items.filter((l) => l.active);
        const before = await active();
        const checked = await upload({ kind: 'circuits' }, 'circuit_id,name,designation,valid_from\n007,IMPORTED 1101,imp-fast,2024-01-01\n');
        assert.deepEqual([counts(checked), checked.circuit_lists], [[1, 0, 1, 0, 0, 0], null]);
        const { id, circuit_lists: lists } = await commit(checked.id, 'operator');
        assert.deepEqual([lists, await active(), await designations()], [{ 'imp-fast': 1 }, before, []]);
        const { items: [draft] } = await api().expect(200, 'GET', '/v1/audit?object=circuit_list:imp-fast%201', { role: 'operator' });
        assert.deepEqual([draft.action, draft.role, draft.request_id], ['circuit_list.draft', 'operator', `import-${id}`]);
        const shown = await api().previewed({ role: 'operator', body: { programme: 'bptm', circuit_lists: { 'imp-fast': String(lists['imp-fast']) } } });
        assert.ok(shown.after.circuit_lists.some((l) => l.designation === 'imp-fast') && !shown.before.circuit_lists.some((l) => l.designation === 'imp-fast'));
        await api().expect(200, 'POST', `/v1/previews/${shown.id}/publications`, { role: 'operator' });
        assert.deepEqual(await designations(), [{ designation: 'imp-fast', valid_from: '2024-01-01', valid_to: null }]);
        assert.deepEqual(counts(await upload({ kind: 'circuits' }, 'circuit_id,name,designation,valid_from\n007,IMPORTED 1101,imp-fast,2024-01-01\n')), [1, 0, 0, 1, 0, 0]);
    });

    test('an operator keeps the grid and sees no other import', async () => {
        await api().expect(403, 'POST', '/v1/imports', { role: 'operator', body: { kind: 'accounts', file_name: 'x', why: 'x' } });
        const { id } = await make('enrolment', { kind: 'premises' });
        for (const target of ['', '/errors', '/changes', '/rejects']) {
            await api().expect(404, 'GET', `/v1/imports/${id}${target}`, { role: 'operator' });
        }
        for (const target of ['commit', 'cancel']) {
            await api().expect(404, 'POST', `/v1/imports/${id}/${target}`, { role: 'operator' });
        }
        await put(404, id, premises, 'operator');
        const { items } = await api().expect(200, 'GET', '/v1/imports?limit=200', { role: 'operator' });
        assert.ok(items.length > 0 && items.every(({ kind }) => !['premises', 'accounts'].includes(kind)));
        assert.equal((await api().expect(200, 'POST', `/v1/imports/${id}/cancel`, { role: 'enrolment' })).state, 'cancelled');
    });

    test('errors name row, column, value and repair; the rejects file holds them; commit is refused, or skips them', async () => {
        const file = `${premises}\n=1+1,Road,Town,1,39,-121\nIM-OK,Road,Town,1,-121,39\nIM-BAD,,Town,1,x,39\n`;
        const checked = await upload({ kind: 'premises' }, file);
        assert.deepEqual(counts(checked), [3, 1, 0, 0, 3, 2]);
        const { items, next } = await api().expect(200, 'GET', `/v1/imports/${checked.id}/errors?limit=2`, { role: 'enrolment' });
        assert.deepEqual(items[0], { row: 2, column: 'latitude', field: 'latitude', value: '-121', hint: 'is no latitude; longitude and latitude look swapped' });
        assert.deepEqual([items[1].row, items[1].field], [4, 'address']);
        const rest = await api().expect(200, 'GET', `/v1/imports/${checked.id}/errors?cursor=${next}`, { role: 'enrolment' });
        assert.deepEqual(rest.items.map((e) => [e.row, e.field]), [[4, 'longitude']]);
        const csv = await api().call('GET', `/v1/imports/${checked.id}/rejects`, { role: 'enrolment' });
        assert.equal(csv.text, ['"code","address","city","postal_code","longitude","latitude","row","error"',
            '"\'=1+1","Road","Town","1","39","-121","2","latitude: is no latitude; longitude and latitude look swapped"',
            '"IM-BAD","","Town","1","x","39","4","address: is empty; give 1 to 200 characters | longitude: is not a number; give degrees from -180 to 180, such as -121.0161"', ''].join('\r\n'));
        const problem = await api().expect(409, 'POST', `/v1/imports/${checked.id}/commit`, { role: 'enrolment' });
        assert.match(problem.detail, /no errors or skips them/);
        const skipping = await upload({ kind: 'premises', skip_errors: true }, file);
        assert.deepEqual(counts(await commit(skipping.id)), [3, 1, 0, 0, 3, 2]);
        assert.equal(await api().exec(`select count(*) from programme.premise where code like 'IM-%' or code like '%1+1'`), '1');
    });

    test('what is stored changes after the check: nothing is written until it was looked at again', async () => {
        const { id } = await upload({ kind: 'premises' }, `${premises}\nIM-OK,New Road,Town,1,-121,39\n`);
        await api().exec(`update programme.premise set city = 'Elsewhere' where code = 'IM-OK'`);
        await api().expect(202, 'POST', `/v1/imports/${id}/commit`, { role: 'enrolment' });
        const again = await reach(id, 'checked');
        assert.match(again.note, /has changed since the check/);
        assert.equal(await api().exec(`select address from programme.premise where code = 'IM-OK'`), 'Road');
        const { items: [change] } = await api().expect(200, 'GET', `/v1/imports/${id}/changes?action=update`, { role: 'enrolment' });
        assert.deepEqual(change.fields, [{ field: 'address', before: 'Road', after: 'New Road' }, { field: 'city', before: 'Elsewhere', after: 'Town' }]);
        await commit(id);
    });

    test('what a file says of persons is told to those who may read it, sealed meanwhile, and the reading is in the audit', async () => {
        const file = 'number,premise_code,kind,customer_name,email\nIM-A1,nowhere,residential,Customer 77,none\n';
        const { id } = await upload({ kind: 'accounts' }, file);
        const cells = JSON.parse(await api().exec(`select to_json(cells) from person.import_row where import_id = ${id}`));
        assert.deepEqual([cells.slice(0, 3), cells.length], [['IM-A1', 'nowhere', 'residential'], 5]);
        assert.ok(cells.slice(3).every((cell) => /^bptm-cell\.\d+\.[\w-]+\.$/.test(cell)), cells.join());
        const { items } = await api().expect(200, 'GET', `/v1/imports/${id}/errors`, { role: 'enrolment' });
        assert.deepEqual(items.map((e) => [e.column, e.value]), [['email', 'none']]);
        const rejects = await api().call('GET', `/v1/imports/${id}/rejects`, { role: 'enrolment' });
        assert.match(rejects.text, /"Customer 77","none","2"/);
        const read = await api().exec(`select string_agg(action || coalesce(' ' || (after ->> 'path'), ''), ', ' order by audit_id) from access.audit
            where role = 'enrolment' and (object_id = '${id}' and action = 'import.read' or after ->> 'path' like '/v1/imports/${id}/%')`);
        assert.equal(read.trim(), `customer.read /v1/imports/${id}/errors, import.read`);
        await api().expect(200, 'POST', `/v1/imports/${id}/cancel`, { role: 'enrolment' });
    });

    test('accounts that are no longer active: the difference says what that ends, and the commit ends it by the rule of a move-out', async () => {
        const ids = await home(api(), 'IM-LEFT');
        const { id } = await api().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(ids) });
        await api().expect(200, 'POST', `/v1/applications/${id}/transitions`, { role: 'enrolment', body: { action: 'approve' } });
        const file = 'number,premise_code,kind,active,customer_name\nAC-IM-LEFT,SP-IM-LEFT,residential,no,Customer IM-LEFT\n';
        const checked = await upload({ kind: 'accounts', why: 'they moved' }, file);
        const { items: [change] } = await api().expect(200, 'GET', `/v1/imports/${checked.id}/changes`, { role: 'enrolment' });
        assert.deepEqual(change.fields, [{ field: 'active', before: true, after: false }, { field: 'ends_applications', before: 0, after: 1 }]);
        await commit(checked.id);
        const account = await api().expect(200, 'GET', `/v1/accounts/${ids.account_id}`, { role: 'enrolment' });
        const ended = await api().expect(200, 'GET', `/v1/applications/${id}`, { role: 'enrolment' });
        assert.deepEqual([account.active, ended.state, ended.state_reason], [false, 'closed', `the customer of record moved out on ${account.moved_out}`]);
        const { items: [last] } = await api().expect(200, 'GET', `/v1/audit?object=application:${id}`, { role: 'operator' });
        assert.deepEqual([last.action, last.role, last.request_id], ['application.move_out', 'enrolment', `import-${checked.id}`]);
        assert.deepEqual(counts(await upload({ kind: 'accounts' }, file)), [1, 0, 0, 1, 0, 0]);
    });

    const listHeader = 'make,model,source_type,fuel,running_w,starting_w,l14_30r,rated_a_240v,neutral,gfci_on_240v,co_shutoff,carb,evidence,aliases';

    test('a list of generators: every bad cell is told, then what contradicts itself; the rest becomes a draft, which somebody else publishes', async () => {
        const active = (await api().expect(200, 'GET', '/v1/generator-lists?limit=200', { role: 'operator' })).items.find((l) => l.active);
        const file = [listHeader, 'Im Port,00012,engine,gasoline;propane,7500;6750,9500,yes,30,floating,no,yes,yes,manual,IP 12', 'Im Port,two,turbine,gasoline,7500W,,yes,30,none,no,yes,yes,,',
            'Im Port,three,engine,gasoline,,,,,,,,,x,IP 12', 'IM PORT,00012,engine,gasoline,,,,,,,,,x,', 'Im Port,four,engine,gasoline,,,,,,,,,x', 'Honda,EU7000iS,inverter,gasoline,5000,7000,yes,,,,,,owner report,'];
        const { id } = await make('operator', { kind: 'generators', why: 'spring list', skip_errors: true });
        await put(200, id, file.join('\n') + '\n', 'operator');
        const checked = await reach(id, 'checked');
        assert.deepEqual(counts(checked), [6, 1, 1, 0, 7, 4]);
        const { items: errors } = await api().expect(200, 'GET', `/v1/imports/${id}/errors`, { role: 'operator' });
        assert.deepEqual(errors.map((e) => [e.row, e.column, e.value, e.hint.slice(0, 30)]), [
            [3, 'source_type', 'turbine', 'must be engine|inverter|batter'], [3, 'running_w', '7500W', 'must be numbers 1..100000 sepa'],
            [3, 'neutral', 'none', 'must be floating|bonded|switch'], [3, 'evidence', '', 'must be 1..200 bytes'],
            [4, 'aliases', 'IP 12', 'is a name of another model, to'], [5, 'model', '00012', 'is in the list twice'], [6, null, null, 'has 13 cells, the header 14; l']]);
        const { items: changes } = await api().expect(200, 'GET', `/v1/imports/${id}/changes?limit=200`, { role: 'operator' });
        assert.deepEqual(changes.slice(0, 2).map((c) => [c.row, c.action, c.key]), [[2, 'create', 'Im Port 00012'], [7, 'update', 'Honda EU7000iS']]);
        assert.deepEqual(changes[1].fields.find((f) => f.field === 'running_w'), { field: 'running_w', before: '5500', after: '5000' });
        assert.ok(changes.length > 10 && changes.slice(2).every((c) => c.action === 'remove'), 'what it does not have any more');
        const csv = await api().call('GET', `/v1/imports/${id}/rejects`, { role: 'operator' });
        assert.match(csv.text, /"turbine".*"3","source_type: must be engine/);
        assert.equal(checked.list_version, null);
        const { list_version } = await commit(id, 'operator');
        const draft = await api().expect(200, 'GET', `/v1/generator-lists/${list_version}`, { role: 'enrolment' });
        assert.deepEqual([draft.state, draft.active, draft.models, draft.source, draft.imported_by.slice(0, 6)], ['draft', false, 2, 'spring list', 'token:']);
        const difference = await api().expect(200, 'GET', `/v1/generator-lists/${list_version}/difference`, { role: 'operator' });
        assert.equal(difference.removed.length, active.models - 1);
        assert.equal(await api().exec(`select fuels || running_w::text[] || aliases from programme.generator_model m join programme.generator_list l using (generator_list_id) where l.version = ${list_version} and model = '00012'`),
            '{gasoline,propane,7500,6750,"IP 12"}');
        const shown = await api().previewed({ role: 'operator', body: { programme: 'bptm', generator_list: list_version } });
        const same = await api().expect(409, 'POST', `/v1/previews/${shown.id}/publications`, { role: 'operator' });
        assert.equal(same.type, 'urn:bptm:error:same-person');
        await api().expect(204, 'DELETE', `/v1/generator-lists/${list_version}`, { role: 'operator' });
    });

    const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    const putSheet = (status, id, raw, type = sheetType) => api().expect(status, 'PUT', `/v1/imports/${id}/file`, { role: 'operator', raw, headers: { 'content-type': type } });
    const kept = async () => Number(await api().exec('select count(*) from programme.import_file'));
    const cells = ['Sheet', '00012', 'engine', 'gasoline', 7500, '9500', 'yes', 39.6, 'floating', 'no', 'yes', 'yes', 'manual', '0042'];

    test('a list of generators as a spreadsheet: read by the server, its cells told, its rows a draft; what it came as is not kept', async () => {
        const { id } = await make('operator', { kind: 'generators', file_name: 'x.xlsx', skip_errors: true });
        const sheet = zip({ ...workbook([listHeader.split(','), cells, ['Sheet', 'two', 'turbine', 'gasoline', ...Array(8).fill(''), 'x', '']]), 'xl/media/a': randomBytes(700_000) });
        const sent = await putSheet(200, id, sheet);
        assert.deepEqual([sent.bytes, sent.sha256], [sheet.length, createHash('sha256').update(sheet).digest('hex')]);
        const checked = await reach(id, 'checked');
        assert.deepEqual([checked.rows, checked.errors, checked.rejected, await kept()], [2, 1, 1, 0]);
        const { items: [error] } = await api().expect(200, 'GET', `/v1/imports/${id}/errors`, { role: 'operator' });
        assert.deepEqual([error.row, error.column, error.value], [3, 'source_type', 'turbine']);
        const { list_version: version } = await commit(id, 'operator');
        assert.equal(await api().exec(`select make || ' ' || model || ' ' || rated_a_240v || ' ' || aliases[1] from programme.generator_model m join programme.generator_list l using (generator_list_id) where l.version = ${version}`), 'Sheet 00012 39.6 0042');
        await api().expect(204, 'DELETE', `/v1/generator-lists/${version}`, { role: 'operator' });
    });

    test('a spreadsheet that is none, a bomb, one of persons, one that is too large: refused, says why, and another may follow', async () => {
        const { id } = await make('operator', { kind: 'circuits' });
        for (const [bytes, note] of [[zip({ a: 'b' }), /is not an XLSX workbook/], [zip({ ...workbook([['circuit_id', 'name']]), 'xl/media/a': Buffer.alloc(32 << 20) }), /more than 200 times/],
            [zip({ ...workbook([['circuit_id'], ['a']]), 'xl/worksheets/sheet1.xml': '<x' }), /cannot be read as a spreadsheet/], [zip(workbook([['circuit_id', 'nome'], ['1', 'x']])), /row 1: no column for name/]]) {
            await putSheet(200, id, bytes);
            assert.match((await reach(id, 'failed')).note, note);
        }
        assert.equal((await putSheet(413, id, Buffer.concat([zip(workbook([['a']])), Buffer.alloc(17 << 20)]))).type, 'urn:bptm:error:body-too-large');
        await putSheet(415, id, 'a', 'application/zip');
        await putSheet(200, id, zip(workbook([['circuit_id', 'name'], ['00SHEET', 'SHEET 1101']])), 'text/csv');
        assert.deepEqual(counts(await reach(id, 'checked')), [1, 1, 0, 0, 0, 0]);
        const persons = await make('enrolment', { kind: 'premises' });
        const refused = await put(422, persons.id, zip(workbook([['code']])));
        assert.match(refused.errors[0].detail, /give persons and their places as CSV/);
        assert.equal(await kept(), 0);
    });

    test('a list of generators with a column that nobody knows, or without errors to skip, is refused', async () => {
        const { id } = await make('enrolment', { kind: 'generators' });
        assert.match((await put(422, id, `${listHeader.replace('carb', 'crab')}\n`)).detail, /no column for carb/);
        assert.match((await put(422, id, `${listHeader},crab\n`)).detail, /the column 'crab' is not known; leave it out by a mapping/);
        const bad = await upload({ kind: 'generators' }, `${listHeader}\nA,B,engine,,,,,,,,,,x,\n`);
        assert.deepEqual(counts(bad), [1, 0, 0, 0, 1, 1]);
        await api().expect(409, 'POST', `/v1/imports/${bad.id}/commit`, { role: 'enrolment' });
        const nul = await make('enrolment', { kind: 'generators' });
        assert.match((await put(422, nul.id, `${listHeader}\nA\0,B,engine,,,,,,,,,,x,\n`)).detail, /row 2, column 1: has a NUL/);
    });

    test('a roll-up of shutoffs by an operator: every wrong cell is told, the rest is looked at and kept, again nothing changes', async () => {
        const body = { kind: 'psps', time_zone: 'America/Los_Angeles', skip_errors: true };
        await api().exec("insert into programme.circuit (circuit_id, name) values ('IMP0042', 'SHUTOFF 1105')");
        const file = 'IOU,Circuit Name,Outage Start,Full Restoration,Total Customers,HFTD Tier(s)\n'
            + 'PG&E,SHUTOFF-1105*,10/26/2019 20:19,10/28/2019 20:44,"1,851","Tier 2, Tier 3"\nNobody,SHUTOFF 1105,tomorrow,,5,\nPGE,Elsewhere 9,2019-10-26T20:19,idle line,3,N/A\n';
        const { id, time_zone } = await make('operator', body);
        assert.equal(time_zone, 'America/Los_Angeles');
        await put(200, id, file, 'operator');
        assert.deepEqual(counts(await reach(id, 'checked')), [3, 2, 0, 0, 2, 1]);
        const { items: errors } = await api().expect(200, 'GET', `/v1/imports/${id}/errors`, { role: 'operator' });
        assert.deepEqual(errors.map((e) => [e.row, e.column, e.value]), [[3, 'IOU', 'Nobody'], [3, 'Outage Start', 'tomorrow']]);
        const { items: changes } = await api().expect(200, 'GET', `/v1/imports/${id}/changes`, { role: 'operator' });
        const told = Object.fromEntries(changes[0].fields.map((f) => [f.field, f.after]));
        assert.deepEqual([changes[0].row, changes[0].action, told.circuit_id, told.customers, told.restored_at], [2, 'create', 'IMP0042', 1851, '2019-10-29T03:44:00.000Z']);
        assert.equal(changes[1].fields.find((f) => f.field === 'doubts').after, 'not_restored;circuit_unknown');
        const stored = () => api().exec("select string_agg(circuit_text || ' ' || customers, ', ' order by customers) from outage.utility_event where event = '2019-10-26'");
        assert.equal(await stored(), '');
        await commit(id, 'operator');
        assert.equal(await stored(), 'Elsewhere 9 3, SHUTOFF-1105* 1851');
        assert.deepEqual(counts(await upload(body, file)), [3, 0, 0, 2, 2, 1]);
        const { id: third, creates, updates } = await upload(body, file.replace('1,851', '1,850'));
        assert.deepEqual([creates, updates], [0, 1]);
        await api().exec("update outage.utility_event set customers = 7 where customers = 1851");
        await api().expect(202, 'POST', `/v1/imports/${third}/commit`, { role: 'operator' });
        const again = await until('it was looked at again', async () => { const now = await get(third); return now.note && now.state === 'checked' && now; });
        assert.match(again.note, /has changed since the check/);
        await commit(third);
        assert.equal(await stored(), 'Elsewhere 9 3, SHUTOFF-1105* 1850');
    });

    test('a roll-up needs a time zone that there is, and other kinds take none', async () => {
        for (const body of [{ kind: 'psps' }, { kind: 'epss', time_zone: 'Mars/Olympus' }, { kind: 'circuits', time_zone: 'UTC' }]) {
            const { errors } = await api().expect(422, 'POST', '/v1/imports', { role: 'operator', body: { file_name: 'x', why: 'x', ...body } });
            assert.equal(errors[0].pointer, '/time_zone', JSON.stringify(body));
        }
        const { id } = await make('operator', { kind: 'epss', time_zone: 'UTC' });
        const { detail } = await put(422, id, 'Utility,IOU,Circuit,Start Date\n1,2,3,4\n', 'operator');
        assert.match(detail, /the columns 'Utility', 'IOU' are all utility/);
    });

    test('each state allows what it should', async () => {
        const { id } = await upload({ kind: 'premises' }, `${premises}\n${homes(0, 3)}`);
        await put(409, id, premises);
        assert.equal((await api().expect(200, 'POST', `/v1/imports/${id}/cancel`, { role: 'enrolment' })).state, 'cancelled');
        for (const action of ['cancel', 'commit']) {
            await api().expect(409, 'POST', `/v1/imports/${id}/${action}`, { role: 'enrolment' });
        }
        await put(409, id, premises);
        const fresh = await make('enrolment', { kind: 'premises' });
        await api().expect(409, 'POST', `/v1/imports/${fresh.id}/commit`, { role: 'enrolment' });
        await api().expect(415, 'PUT', `/v1/imports/${fresh.id}/file`, { role: 'enrolment', raw: '{}' });
        assert.equal((await get(fresh.id)).state, 'created');
    });

    const harm = {
        'Latin-1': [Buffer.from(`${premises}\nIM-1,M\xe4in,Town,1,1,1\n`, 'latin1'), /row 2, column 2: is not UTF-8/],
        'UTF-16': [Buffer.from(`\ufeff${premises}`, 'utf16le'), /UTF-16/],
        'a NUL': [`${premises}\nIM-1,Ma\0in,Town,1,1,1\n`, /row 2, column 2: has a NUL/],
        'a stray quote': [`${premises}\nIM-1,M"ain,Town,1,1,1\n`, /row 2, column 2: has a quote/],
        'an open quote': [`${premises}\n"IM-1,${homes(0, 9000)}`, /row 2: is longer than 65536 bytes; a quote/],
        'no header': [homes(0, 3), /row 1: no column for code/],
        'too many columns': [`${premises}${',x'.repeat(60)}\n`, /row 1, column 64: more than 64/],
        nothing: ['', /empty/],
    };
    for (const [what, [raw, message]] of Object.entries(harm)) {
        test(`a file with ${what} is refused, says why, and another may follow`, async () => {
            const { id } = await make('enrolment', { kind: 'premises' });
            const problem = await put(422, id, raw);
            assert.match(problem.detail, message);
            const failed = await get(id);
            assert.deepEqual([failed.state, failed.note], ['failed', problem.detail]);
            await put(200, id, `${premises}\n${homes(0, 2)}`);
            assert.deepEqual(counts(await reach(id, 'checked')), [2, 2, 0, 0, 0, 0]);
        });
    }

    /** The most memory the server ever had, in KiB. */
    const peak = async () => {
        for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
            const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
            if (/bptmd\0/.test(line.slice(0, line.indexOf('\0') + 1)) && line.includes(api().stack.dir)) {
                return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]);
            }
        }
        throw new Error('no bptmd');
    };

    test('a line of 100 MB is refused, and the memory stays flat', async () => {
        const { id } = await make('enrolment', { kind: 'premises' });
        const before = await peak(); // AddressSanitizer keeps what is freed for a while
        const problem = await put(422, id, Buffer.concat([Buffer.from(`${premises}\n`), Buffer.alloc(100 << 20, 'x')]));
        assert.match(problem.detail, /row 2.*: is longer than 65536 bytes/);
        assert.ok(await peak() - before < 50 << 10, `${before} -> ${await peak()} KiB`);
    });

    test('too large a file is refused before it is sent', async () => {
        const { id } = await make('enrolment', { kind: 'premises' });
        const { answers } = await api().raw(`PUT /v1/imports/${id}/file HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${api().tokens.enrolment}\r\nContent-Type: text/csv\r\nContent-Length: 999999999\r\n\r\n`);
        assert.deepEqual(answers, [413]);
        assert.equal((await get(id)).state, 'created');
    });

    test('an upload that breaks off leaves nothing, and a later one takes over', async () => {
        const { id } = await make('enrolment', { kind: 'premises' });
        const half = `${premises}\n${homes(0, 20_000)}`;
        await api().raw([`PUT /v1/imports/${id}/file HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${api().tokens.enrolment}\r\nContent-Type: text/csv\r\nContent-Length: 9999999\r\n\r\n`, half], { quiet: 200 });
        const broken = await get(id);
        assert.equal(broken.state, 'uploading');
        await put(200, id, `${premises}\n${homes(0, 2)}`);
        assert.deepEqual(counts(await reach(id, 'checked')), [2, 2, 0, 0, 0, 0]);
    });

    test('more errors than are kept end the check', async () => {
        const { id } = await make('enrolment', { kind: 'premises' });
        await put(200, id, `${premises}\n${homes(0, 21_000, ',Road,Town,01234,-1210,39')}`);
        const { note } = await reach(id, 'failed');
        assert.match(note, /more than 20000 errors/);
        assert.equal(await api().exec(`select count(*) from programme.premise where code like 'IM-1%'`), '0');
    });
}
