// Enrolment as staff do it: entities and their changes, the whole path of an application, quota, duplicates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from './schema.mjs';
import { home, request, toInstallable } from './suite_life.mjs';
import { nowhere } from './suite_roles.mjs';

const key = (n) => n.toString(16).padStart(64, '0');
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const rules = (problem) => problem.errors.map((e) => e.rule);

export function enrolment(get) {
    const at = {};
    const as = (role) => ({
        get: (target, status = 200) => get().expect(status, 'GET', target, { role }),
        post: (target, body, status = 201) => get().expect(status, 'POST', target, { role, body }),
        patch: (target, body, status = 200, tag = '*') => get().expect(status, 'PATCH', target, { role, body, headers: { 'if-match': tag } }),
    });
    const staff = as('enrolment'), crew = as('installer'), operator = as('operator');
    const apply = async (name, { more, ...options } = {}) => {
        const ids = await home(get(), name, options);
        return { ...ids, ...(await staff.post('/v1/applications', request(ids, more))) };
    };
    const move = (id, action, reason, status = 200) => staff.post(`/v1/applications/${id}/transitions`, { action, ...(reason && { reason }) }, status);
    const application = (id) => staff.get(`/v1/applications/${id}`);

    test('a change takes the tag of what was read: 428 without, 412 when it is stale', async () => {
        const { premise_id } = await home(get(), 'E1');
        const target = `/v1/premises/${premise_id}`;
        const { headers } = await get().call('GET', target, { role: 'enrolment' });
        const tag = headers.get('etag');
        const changed = await get().call('PATCH', target, { role: 'enrolment', body: { service_amps: 100 }, headers: { 'if-match': tag } });
        assert.deepEqual([changed.status, changed.body.service_amps, changed.body.meter_form, changed.body.version], [200, 100, '2S', 2]);
        assert.equal(changed.headers.get('etag'), (await get().call('GET', target, { role: 'enrolment' })).headers.get('etag'));
        const stale = await staff.patch(target, { service_amps: 125 }, 412, tag);
        assert.equal(stale.type, 'urn:bptm:error:precondition-failed');
        await staff.patch(target, { service_amps: 125 }, 412, `W/${changed.headers.get('etag')}`);
        for (const op of operations(get().document).filter((o) => o.method === 'PATCH')) {
            const problem = await get().expect(428, 'PATCH', nowhere(op.path), { role: op.roles[0], body: op.example, headers: { 'if-match': '' } });
            assert.equal(problem.type, 'urn:bptm:error:precondition-required');
            await get().expect(404, 'PATCH', nowhere(op.path), { role: op.roles[0], body: op.example });
        }
        const { items: [entry] } = await operator.get(`/v1/audit?object=premise:${premise_id}`);
        assert.deepEqual([entry.action, entry.before.service_amps, entry.after.service_amps], ['premise.change', 200, 100]);
    });

    test('why something is changed is in the audit, where the body cannot say it', async () => {
        const { premise_id, customer_id } = await home(get(), 'E1W');
        const why = { 'audit-reason': 'letter of 2 March: the house has another number' };
        await get().expect(200, 'PATCH', `/v1/premises/${premise_id}`, { role: 'enrolment', body: { address: '2 Why Lane' }, headers: why });
        await get().expect(200, 'PATCH', `/v1/customers/${customer_id}`, { role: 'enrolment', body: { phone: '+1 555 0111' } });
        const reasons = async (object) => (await operator.get(`/v1/audit?object=${object}`)).items.map((a) => [a.action, a.reason]);
        assert.deepEqual(await reasons(`premise:${premise_id}`), [['premise.change', why['audit-reason']], ['premise.create', null]]);
        assert.deepEqual((await reasons(`customer:${customer_id}`)).filter(([action]) => action !== 'customer.read')[0], ['customer.change', null]);
        for (const bad of ['x'.repeat(401), 'a\tb', '\xff']) {
            const problem = await get().expect(400, 'PATCH', `/v1/premises/${premise_id}`, { role: 'enrolment', body: { address: '3 Why Lane' }, headers: { 'audit-reason': bad } });
            assert.equal(problem.errors[0].parameter, 'Audit-Reason');
        }
        assert.equal((await staff.get(`/v1/premises/${premise_id}`)).address, '2 Why Lane');
    });

    test('of many who change what they read, one does', async () => {
        const { premise_id } = await home(get(), 'E2');
        const target = `/v1/premises/${premise_id}`;
        const tag = (await get().call('GET', target, { role: 'enrolment' })).headers.get('etag');
        const answers = await Promise.all(Array.from({ length: 8 }, (_, n) =>
            get().call('PATCH', target, { role: 'enrolment', body: { service_amps: 60 + n }, headers: { 'if-match': tag } })));
        assert.deepEqual(answers.map((a) => a.status).sort(), [200, 412, 412, 412, 412, 412, 412, 412]);
        assert.equal((await staff.get(target)).version, 2);
    });

    test('a merge patch: null takes away, what must be there stays, other members are not touched', async () => {
        const { premise_id } = await home(get(), 'E3', { premise: { meter_number: 'M-E3' } });
        const target = `/v1/premises/${premise_id}`;
        const changed = await staff.patch(target, { meter_number: null, address: '1 Other Lane' });
        assert.deepEqual([changed.meter_number, changed.address, changed.service_amps], [null, '1 Other Lane', 200]);
        assert.equal((await staff.patch(target, { city: null }, 422)).errors[0].pointer, '/city');
        assert.equal((await staff.patch(target, { code: 'SP-NEW' }, 422)).errors[0].pointer, '/code');
        const { application_id, ...empty } = await staff.patch(target, {});
        assert.equal(application_id, undefined);
        assert.equal(empty.address, '1 Other Lane');
        await get().expect(415, 'PATCH', target, { role: 'enrolment', body: {}, headers: { 'content-type': 'application/json' } });
    });

    test('circuits and transformers of a premise, from day to day', async () => {
        const { premise_id } = await home(get(), 'E4');
        const target = `/v1/premises/${premise_id}/links`;
        await staff.post(target, { kind: 'transformer', id: '0007', valid_from: day(-30) });
        const linked = await staff.post(target, { kind: 'transformer', id: 'T-8', valid_from: day(-10) });
        assert.equal(linked.transformer_id, 'T-8');
        assert.equal((await staff.post(target, { kind: 'transformer', id: 'T-9', valid_from: day(-10) }, 409)).errors[0].pointer, '/valid_from');
        assert.equal((await staff.post(target, { kind: 'circuit', id: 'nowhere', valid_from: day(1) }, 422)).errors[0].pointer, '/circuit_id');
        await staff.post(target, { kind: 'circuit', id: '012345699', valid_from: day(1) });
        const { items } = await staff.get(target);
        assert.deepEqual(items.map((l) => [l.kind, l.id, l.valid_from, l.valid_to]), [['circuit', '012345601', day(0), day(1)], ['circuit', '012345699', day(1), null],
            ['transformer', '0007', day(-30), day(-10)], ['transformer', 'T-8', day(-10), null]]);
    });

    test('a customer is changed; the audit says so without what is personal', async () => {
        const { customer_id } = await home(get(), 'E5', { customer: { email: 'e5@example.org' } });
        const changed = await staff.patch(`/v1/customers/${customer_id}`, { name: 'Private Renamed', email: null, medical_baseline: true });
        assert.deepEqual([changed.name, changed.email, changed.medical_baseline, changed.version], ['Private Renamed', null, true, 2]);
        const all = (await operator.get(`/v1/audit?object=customer:${customer_id}`)).items, items = all.filter((a) => a.action !== 'customer.read');
        assert.deepEqual([items[0].action, items[0].before.fields.includes('email'), items[0].after.fields.includes('email')], ['customer.change', true, false]);
        assert.ok(!JSON.stringify(all).includes('Private'));
    });

    test('a customer is found by whole words, by address and by number, and by nothing else', async () => {
        const { customer_id } = await home(get(), 'E5F', { customer: { name: 'Zo\u00eb Findable-Sample', email: 'Find.Me@example.org', phone: '+1 (530) 555-0142' } });
        const found = async (q) => (await staff.get(`/v1/customers?q=${encodeURIComponent(q)}`)).items.map((c) => c.id);
        for (const q of ['findable', 'zoe sample', 'SAMPLE, Zo\u00cb', 'find.me@EXAMPLE.org', '530 555 0142', '15305550142']) {
            assert.deepEqual(await found(q), [customer_id], q);
        }
        for (const q of ['findabl', 'zoe other', 'me@example.org', '5550142', '%']) {
            assert.deepEqual(await found(q), [], q);
        }
        await staff.patch(`/v1/customers/${customer_id}`, { name: 'Zo\u00eb Laternamed', phone: null });
        assert.deepEqual([await found('findable'), await found('530 555 0142'), await found('laternamed')], [[], [], [customer_id]]);
    });

    test('who reads a customer is in the audit, in a list too', async () => {
        const { id, customer_id } = await apply('E5R', { customer: { name: 'Readable Sample' } });
        const other = await home(get(), 'E5S', { customer: { name: 'Readable Other' } });
        const reads = async () => (await operator.get('/v1/audit?object=customer.read&limit=200')).items;
        const before = (await reads())[0].id;
        const tag = (await get().call('GET', `/v1/customers/${customer_id}`, { role: 'enrolment' })).headers.get('etag');
        await get().call('GET', `/v1/customers/${customer_id}`, { role: 'enrolment', headers: { 'if-none-match': tag } });
        await staff.get('/v1/customers?q=readable');
        await staff.get(`/v1/applications?premise_id=${other.premise_id}`); // nobody
        await crew.get('/v1/applications?q=E5R'); // without names
        await staff.post(`/v1/applications/${id}/notes`, { text: 'Prefers the morning' });
        await staff.get(`/v1/applications/${id}/notes`);
        await staff.get('/v1/queue?q=readable');
        const list = (await reads()).filter((a) => a.id > before).reverse();
        assert.deepEqual(list.map((a) => [a.object_id, a.role, a.after.path, a.after.customers, a.after.fields]), [
            [`${customer_id}`, 'enrolment', `/v1/customers/${customer_id}`, [customer_id], ['name']],
            [`${customer_id}`, 'enrolment', `/v1/customers/${customer_id}`, [customer_id], ['name']],
            ['*', 'enrolment', '/v1/customers', [customer_id, other.customer_id], ['name']],
            [`${customer_id}`, 'enrolment', `/v1/applications/${id}/notes`, [customer_id], ['note']],
            [`${customer_id}`, 'enrolment', `/v1/applications/${id}/notes`, [customer_id], ['note']],
            [`${customer_id}`, 'enrolment', '/v1/queue', [customer_id], ['name']]]);
        assert.ok(list.every((a) => a.token_id && a.request_id));
    });

    test('a customer is exported: all that is held, and who has read it', async () => {
        const { id, customer_id } = await apply('E5X', { customer: { name: 'Exported Sample', email: 'exported@example.org' } });
        await staff.post(`/v1/applications/${id}/notes`, { text: 'Calls back on Mondays' });
        const all = await staff.get(`/v1/customers/${customer_id}/export`);
        assert.deepEqual([all.customer.name, all.customer.email, all.accounts[0].number, all.applications[0].application.id], ['Exported Sample', 'exported@example.org', 'AC-E5X', id]);
        assert.deepEqual(all.applications[0].notes.map((n) => n.text), ['Calls back on Mondays']);
        assert.ok(all.applications[0].decisions.length > 0 && all.applications[0].attestations.length > 0 && all.applications[0].events.length > 0);
        assert.deepEqual(all.changes.map((c) => c.action), ['customer.create']);
        assert.ok(all.reads.length > 0 && all.reads.every((r) => r.role === 'enrolment' && !('customers' in r)));
        const again = await staff.get(`/v1/customers/${customer_id}/export`);
        assert.equal(again.reads.at(-1).path, `/v1/customers/${customer_id}/export`, 'the export itself');
        await staff.get('/v1/customers/9999999/export', 404);
    });

    test('a customer is erased when nothing needs the person any more; no value is left in the database, and what is counted stays', async () => {
        const admin = { post: (target, body, status = 200) => get().expect(status, 'POST', target, { role: 'admin', body }) };
        const { id, customer_id, account_id } = await apply('E5E', { customer: { name: 'Forgotten Quisling-Zander', email: 'forgotten@example.org', phone: '+1 530 555 0177', medical_baseline: true } });
        const key = { 'idempotency-key': 'note-of-e5e' };
        await get().expect(201, 'POST', `/v1/applications/${id}/notes`, { role: 'enrolment', body: { text: 'Zander has a red door' }, headers: key });
        const paper = await staff.post(`/v1/applications/${id}/documents`, { kind: 'agreement', title: 'Letter of Zander', reference: 'dms:77' });
        const whole = await staff.get(`/v1/customers/${customer_id}/export`);
        assert.deepEqual(whole.applications[0].documents.map((d) => d.title), ['Letter of Zander']);
        const target = `/v1/customers/${customer_id}/erasures`, reason = { reason: 'asked for by letter of 2 March' };
        const dump = async () => (await get().stack.command('run', 'pg_dump', '--data-only', '-d', 'bptm'));
        assert.ok(!/Quisling|Zander|forgotten@|555 ?0177|5550177/i.test(await dump()), 'entered, and nowhere in plain');
        assert.deepEqual(rules(await admin.post(target, reason, 409)), ['ACCOUNT', 'APPLICATION']);
        await get().expect(403, 'POST', target, { role: 'enrolment', body: reason });
        await staff.post(`/v1/accounts/${account_id}/move-out`, {}, 200);
        const counts = async () => JSON.stringify([await operator.get('/v1/customer-indices?source=meters&from=2020-01-01&to=2030-01-01'), await staff.get('/v1/queue-states'), await staff.get('/v1/programmes/bptm')]);
        const counted = await counts();
        const gone = await admin.post(target, reason);
        assert.deepEqual([gone.name, gone.email, gone.phone, gone.medical_baseline, gone.erased_at !== null], [null, null, null, true, true]);
        assert.equal(await counts(), counted);
        assert.deepEqual(await admin.post(target, reason), gone, 'again, and nothing happens');
        assert.deepEqual(await staff.get(`/v1/customers/${customer_id}`), gone);
        assert.deepEqual((await staff.get('/v1/customers?q=quisling')).items, []);
        assert.equal((await staff.get(`/v1/applications/${id}/notes`)).items[0].text, null);
        assert.deepEqual((await staff.get(`/v1/applications/${id}/documents`)).items, [{ ...paper, title: null }]);
        const tag = (await get().call('GET', `/v1/documents/${paper.id}`, { role: 'enrolment' })).headers.get('etag');
        await get().expect(409, 'PATCH', `/v1/documents/${paper.id}`, { role: 'enrolment', body: { title: 'Back again' }, headers: { 'if-match': tag } });
        await staff.post(`/v1/applications/${id}/documents`, { kind: 'agreement', title: 'about nobody', reference: 'dms:78' }, 409);
        const replayed = await get().call('POST', `/v1/applications/${id}/notes`, { role: 'enrolment', body: { text: 'Zander has a red door' }, headers: key });
        assert.deepEqual([replayed.status, replayed.headers.get('idempotency-replayed'), replayed.body.text], [201, 'true', null], 'nor from the answer that was kept');
        assert.equal(await get().exec(`select count(*) from person.person_key where customer_id = ${customer_id}`), '0');
        const { headers } = await get().call('GET', `/v1/customers/${customer_id}`, { role: 'enrolment' });
        await get().expect(409, 'PATCH', `/v1/customers/${customer_id}`, { role: 'enrolment', body: { name: 'Back Again' }, headers: { 'if-match': headers.get('etag') } });
        await staff.post(`/v1/applications/${id}/notes`, { text: 'about nobody' }, 409);
        const { items } = await operator.get(`/v1/audit?object=customer:${customer_id}`);
        assert.deepEqual(items.filter((a) => a.action === 'customer.erase').map((a) => [a.role, a.reason, a.before.fields, a.after.fields]), [['admin', reason.reason, ['medical_baseline', 'name', 'email', 'phone'], ['medical_baseline']]]);
        await admin.post('/v1/customers/9999999/erasures', reason, 404);
    });

    test('an application is free to change until it is decided on; its assignee always', async () => {
        const { id } = await apply('E6', { more: { draft: true } });
        const target = `/v1/applications/${id}`;
        const changed = await staff.patch(target, { generator: { model: 'XP12000HX' }, assignee: 'North desk' });
        assert.deepEqual([changed.generator, changed.assignee], [{ make: 'DuroMax', model: 'XP12000HX' }, 'North desk']);
        await move(id, 'submit');
        await staff.patch(target, { generator: { model: 'XP13000HX' } });
        await staff.post(`${target}/decisions`);
        assert.deepEqual(rules(await staff.patch(target, { generator: { model: 'XP12000HX' } }, 409)), ['DECIDED']);
        assert.equal((await staff.patch(target, { assignee: null })).assignee, null);
    });

    test('notes, attestations and documents', async () => {
        at.parts = await apply('E7');
        const target = `/v1/applications/${at.parts.id}`;
        const note = await staff.post(`${target}/notes`, { text: 'asks for a Monday\nor a Tuesday' });
        assert.deepEqual((await staff.get(`${target}/notes`)).items, [note]);
        const { items: given } = await staff.get(`${target}/attestations`);
        assert.deepEqual(given.map((a) => [a.kind, a.agreed]), [['owner_or_permission', true], ['access', true], ['survey', true]]);
        await staff.post(`${target}/attestations`, { kind: 'access', agreed: false, terms_version: '2026-01', given_by: 'owner', given_at: '2026-01-02T03:04:05Z' });
        assert.equal((await application(at.parts.id)).attestations.access_agreed, false, 'the newest counts');
        const decision = await staff.post(`${target}/decisions`);
        assert.deepEqual(decision.rules.filter((r) => r.result === 'fail').map((r) => r.code), ['ACCESS']);
        const document = await crew.post(`${target}/documents`, { kind: 'panel_photo', title: 'Main panel', reference: 'dms:1', sha256: key(7) });
        assert.deepEqual((await crew.get(`${target}/documents`)).items, [document]);
        const renamed = await staff.patch(`/v1/documents/${document.id}`, { title: 'Panel, cover off', sha256: null });
        assert.deepEqual([renamed.title, renamed.sha256, renamed.version], ['Panel, cover off', null, 2]);
        assert.deepEqual(await crew.get(`/v1/documents/${document.id}`), renamed);
        const { items } = await operator.get(`/v1/audit?object=note:${note.id}`);
        assert.deepEqual(items[0].after, { application_id: at.parts.id }, 'what is noted stays out of the audit');
    });

    test('the whole path, from draft to installed and removed', async () => {
        const { id, premise_id } = await apply('E8', { more: { draft: true } });
        const target = `/v1/applications/${id}`;
        const state = async () => (await application(id)).state;
        await move(id, 'submit');
        await staff.post(`${target}/decisions`);
        await move(id, 'approve');
        assert.deepEqual(rules(await move(id, 'schedule', null, 409)), ['APPOINTMENT']);
        const starts = `${day(3)}T16:00:00.000Z`;
        assert.equal((await staff.post(`${target}/appointments`, { purpose: 'survey', starts_at: starts, ends_at: starts }, 422)).errors[0].pointer, '/ends_at');
        const appointment = await staff.post(`${target}/appointments`, { purpose: 'survey', starts_at: starts, ends_at: `${day(3)}T17:00:00.000Z` });
        assert.equal(await state(), 'scheduled');
        const moved = await crew.patch(`/v1/appointments/${appointment.id}`, { crew: 'Crew 7' });
        assert.deepEqual([moved.crew, moved.starts_at, moved.version], ['Crew 7', starts, 2]);
        const wrong = await crew.post(`${target}/visits`, { crew: 'electrician', licence: 'C10-1', result: 'installable' }, 409);
        assert.deepEqual(rules(wrong), ['CREW']);
        assert.equal((await crew.post(`${target}/visits`, { crew: 'utility', result: 'rejected' }, 422)).errors[0].pointer, '/reason');
        const visit = await crew.post(`${target}/visits`, { crew: 'utility', socket_form: '2S', panel_amps: 200, result: 'installable' });
        assert.equal(visit.appointment_id, appointment.id);
        assert.equal((await crew.get(`/v1/appointments/${appointment.id}`)).status, 'done');
        assert.deepEqual((await crew.get(`${target}/visits`)).items, [visit]);
        assert.deepEqual((await crew.get(`${target}/appointments`)).items.map((a) => a.id), [appointment.id]);
        assert.deepEqual(rules(await crew.post(`${target}/transitions`, { action: 'install' }, 409)), ['DEVICE']);
        await operator.post('/v1/devices', { serial: 'BPTM-ENR-08', public_key: key(8), model: 'BPTM-REF-30', hardware_revision: 'A' });
        assert.deepEqual(rules(await crew.post(`${target}/removals`, { reason: 'x', condition: 'good' }, 409)), ['DEVICE']);
        await crew.post('/v1/devices/BPTM-ENR-08/assignments', { premise_id, application_id: id, from: '2026-01-01T00:00:00Z' });
        assert.equal(await state(), 'installed');
        assert.deepEqual(rules(await move(id, 'withdraw', 'too late', 409)), ['STATE']);
        assert.equal((await crew.post(`${target}/removals`, { reason: 'x', condition: 'good', removed_at: '2025-01-01T00:00:00Z' }, 422)).errors[0].pointer, '/removed_at');
        const removal = await crew.post(`${target}/removals`, { reason: 'the panel is replaced', condition: 'good' });
        assert.equal(removal.device, 'BPTM-ENR-08');
        assert.deepEqual((await operator.get(`${target}/removals`)).items, [removal]);
        const ended = await application(id);
        assert.deepEqual([ended.state, ended.state_reason], ['removed', 'the panel is replaced']);
        const { items } = await staff.get(`${target}/transitions`);
        assert.deepEqual(items.map((t) => t.to), ['submitted', 'eligible', 'approved', 'scheduled', 'installable', 'installed', 'removed']);
        assert.equal((await operator.get('/v1/devices/BPTM-ENR-08')).assignment, null);
    });

    test('rejected on site: the reason is kept, and it can begin again', async () => {
        const { id } = await apply('E9');
        await move(id, 'approve');
        await staff.post(`/v1/applications/${id}/appointments`, { purpose: 'survey', starts_at: `${day(3)}T16:00:00Z`, ends_at: `${day(3)}T17:00:00Z` });
        await crew.post(`/v1/applications/${id}/visits`, { crew: 'utility', socket_form: '2S', panel_amps: 400, result: 'rejected', reason: 'no room beside the panel' });
        const rejected = await application(id);
        assert.deepEqual([rejected.state, rejected.state_reason], ['rejected_on_site', 'no room beside the panel']);
        assert.equal((await move(id, 'reopen', 'the panel was moved')).state, 'submitted');
    });

    test('the offer is not transferable: a move ends it, the device stays, and may serve the next', async () => {
        const first = await apply('E10');
        await toInstallable(get(), first.id);
        await operator.post('/v1/devices', { serial: 'BPTM-ENR-10', public_key: key(10), model: 'BPTM-REF-30', hardware_revision: 'A' });
        const assign = (id) => crew.post('/v1/devices/BPTM-ENR-10/assignments', { premise_id: first.premise_id, application_id: id });
        await assign(first.id);
        const target = `/v1/accounts/${first.account_id}`;
        assert.equal((await staff.post(`${target}/move-in`, { customer_id: first.customer_id }, 409)).errors[0].rule, 'ACCOUNT');
        assert.equal((await staff.post(`${target}/move-out`, { on: day(-1) }, 422)).errors[0].pointer, '/on');
        const stays = await staff.patch(target, { active: false }, 409);
        assert.deepEqual([stays.type, stays.errors[0].pointer, stays.detail], ['urn:bptm:error:state-refused', '/active', `ends when the customer moves out, by POST ${target}/move-out`]);
        assert.equal((await application(first.id)).state, 'installed', 'nothing ended by the way');
        const left = await staff.post(`${target}/move-out`, { on: day(0) }, 200);
        assert.deepEqual([left.active, left.moved_out], [false, day(0)]);
        const closed = await application(first.id);
        assert.deepEqual([closed.state, closed.state_reason], ['closed', `the customer of record moved out on ${day(0)}`]);
        assert.equal((await operator.get('/v1/devices/BPTM-ENR-10')).assignment.premise_id, first.premise_id, 'the device stays');
        assert.equal((await staff.post(`${target}/move-out`, {}, 409)).errors[0].rule, 'ACCOUNT');
        assert.match((await staff.patch(target, { active: true }, 409)).detail, /a customer moves in by POST \/v1\/accounts\/\d+\/move-in$/);
        const { id: customer_id } = await staff.post('/v1/customers', { name: 'Customer E10 the second' });
        const next = await staff.post(`${target}/move-in`, { customer_id, on: day(2) }, 200);
        assert.deepEqual([next.customer_id, next.active, next.moved_in, next.moved_out], [customer_id, true, day(2), null]);
        const { items: audit } = await operator.get(`/v1/audit?object=account:${first.account_id}`);
        assert.deepEqual(audit.slice(0, 2).map((a) => [a.action, a.before.customer_id, a.after.customer_id]),
            [['account.move_in', first.customer_id, customer_id], ['account.move_out', first.customer_id, first.customer_id]]);
        const second = await staff.post('/v1/applications', request(first));
        assert.equal(second.customer_id, customer_id);
        await toInstallable(get(), second.id);
        await assign(second.id);
        assert.equal((await application(second.id)).state, 'installed');
        assert.deepEqual((await staff.get(`/v1/accounts?premise_id=${first.premise_id}`)).items.map((a) => a.id), [first.account_id]);
        assert.equal((await staff.patch(target, { kind: 'business' })).kind, 'business');
        await crew.post(`/v1/applications/${second.id}/removals`, { reason: 'end of the test', condition: 'good' });
    });

    test('duplicates are shown, and merged only by who says so, with a log', async () => {
        const one = await apply('E11', { premise: { address: '77 Twin Oaks Street, Apt 4', meter_number: 'M 0077' } });
        assert.deepEqual(one.duplicates, []);
        const two = await apply('E12', { premise: { address: '77 TWIN OAKS ST #4', meter_number: 'm-0077' } });
        assert.deepEqual(two.duplicates, [{ application_id: one.id, state: 'eligible', matched: ['address', 'meter'] }], 'warned in the answer');
        assert.deepEqual((await application(one.id)).duplicates.map((d) => d.application_id), [two.id]);
        assert.deepEqual((await staff.get(`/v1/premises/${two.premise_id}`)).duplicates, [one.premise_id]);
        const paid = await staff.post('/v1/applications', { ...request(one), programme: 'bptm-paid' });
        assert.deepEqual(paid.duplicates.find((d) => d.application_id === one.id).matched, ['account', 'address', 'meter']);
        await move(paid.id, 'close', 'not wanted');
        const merges = `/v1/applications/${one.id}/merges`;
        const merged = await staff.post(merges, { merged_id: two.id, reason: 'entered twice' }, 200);
        assert.deepEqual([merged.merged, merged.duplicates], [[two.id], []]);
        const closed = await application(two.id);
        assert.deepEqual([closed.state, closed.state_reason], ['closed', `merged into ${one.id}: entered twice`]);
        assert.deepEqual(rules(await staff.post(merges, { merged_id: two.id, reason: 'again' }, 409)), ['NOT_DUPLICATE']);
        assert.deepEqual(rules(await staff.post(merges, { merged_id: at.parts.id, reason: 'no' }, 409)), ['NOT_DUPLICATE']);
        await staff.post(merges, { merged_id: 999999999, reason: 'no' }, 404);
        assert.equal(await get().exec(`select concat_ws(' ', kept_id, array_to_string(matched, '+'), reason) from programme.application_merge where merged_id = ${two.id}`),
            `${one.id} address+meter entered twice`);
    });

    test('deadlines of states, and what is overdue', async () => {
        const { id } = await apply('E13');
        await operator.patch('/v1/programmes/bptm', { deadlines: { eligible: 5, approved: 9 } });
        const { deadlines } = await operator.patch('/v1/programmes/bptm', { deadlines: { approved: null } });
        assert.deepEqual(deadlines, { eligible: 5 });
        assert.ok(Math.abs(Date.parse((await application(id)).due_at) - Date.now() - 5 * 86_400_000) < 60_000);
        const overdue = async () => (await staff.get('/v1/applications?overdue=true&limit=200')).items.map((a) => a.id);
        assert.deepEqual(await overdue(), []);
        await get().exec(`update programme.application set state_since = now() - interval '6 days' where application_id = ${id}`);
        assert.deepEqual(await overdue(), [id]);
        await operator.patch('/v1/programmes/bptm', { deadlines: { eligible: null } });
        assert.deepEqual(await overdue(), []);
    });

    test('applications are found by what staff know; names only by enrolment', async () => {
        const { id, premise_id } = await apply('E14', { premise: { address: '5 Quincunx Way', meter_number: 'MTR-000914' }, customer: { name: 'Zebedee Sample' } });
        await staff.patch(`/v1/applications/${id}`, { assignee: 'South desk' });
        const found = async (query, role = staff) => (await role.get(`/v1/applications?${query}`)).items.map((a) => a.id);
        for (const query of ['q=quincunx', 'q=000914', 'q=ac-e14', 'q=zebedee', `q=${id}`, 'assignee=South%20desk', `premise_id=${premise_id}`]) {
            assert.ok((await found(query)).includes(id), query);
        }
        assert.deepEqual(await found('q=zebedee', crew), [], 'no search in names without the right to see them');
        assert.deepEqual(await found('q=quincunx', crew), [id]);
        assert.deepEqual(await found('q=%25'), []);
        assert.deepEqual(await found('assignee=South%20desk&programme=bptm-paid'), []);
        const listed = async (role) => (await role.get('/v1/applications?q=quincunx')).items[0];
        assert.deepEqual([(await listed(staff)).customer_name, (await listed(crew)).customer_name, (await listed(crew)).address], ['Zebedee Sample', null, '5 Quincunx Way, Nevada City']);
    });
}
