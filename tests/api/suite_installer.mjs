// What a crew's phone works with: its appointments, its meter's commands, the commissioning that the meter's journal decides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { home, request, toInstallable } from './suite_life.mjs';

const SELF_TEST = 14, TRANSFER = 6, RETURN = 7;

export function installer(api) {
    const at = {};
    const crew = (status, method, path, body) => api().expect(status, method, path, { token: at.token, ...(body && { body }) });
    const record = (seq, kind, extra = null) => api().exec(`
        insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, hash, extra)
        select device_id, ${seq}, date_trunc('day', now()), now(), now(), ${seq}, 1, ${kind}, 2, '', ${extra ? `'${extra}'` : 'null'}
        from fleet.device_serial where serial = 'CREW-710001'`);
    const receipt = (through) => api().exec(`
        insert into fleet.receipt (device_id, epoch, through_seq, head_hash, issued_at, message)
        select device_id, 1, ${through}, sha256(''), now(), '' from fleet.device_serial where serial = 'CREW-710001'
        on conflict (device_id, epoch) do update set through_seq = excluded.through_seq`);
    const check = async () => {
        const found = await crew(200, 'GET', `/v1/applications/${at.id}/meter-check`);
        return { ...found, lacking: found.lacking.map((l) => l.code) };
    };
    const commission = (status, body) => crew(status, 'POST', `/v1/applications/${at.id}/commissionings`, body);

    test('a crew has its appointments in one list, by their start, with the place', async () => {
        at.home = await home(api(), 'CREW-1');
        const { id } = await api().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(at.home) });
        at.id = id;
        await toInstallable(api(), id);
        const day = (n) => new Date(Date.UTC(2030, 0, n, 16)).toISOString();
        for (const n of [12, 10, 11]) {
            await api().expect(201, 'POST', `/v1/applications/${id}/appointments`, { role: 'enrolment', body: { purpose: 'installation', starts_at: day(n), ends_at: day(n).replace('T16', 'T18'), crew: n === 11 ? 'Another' : 'Crew 71' } });
        }
        at.token = (await api().expect(201, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'installer', crew: 'Crew 71', label: 'crew 71' } })).token;
        const { items } = await crew(200, 'GET', '/v1/appointments');
        assert.deepEqual(items.map((a) => [a.starts_at, a.crew, a.address, a.state, a.generator.model]),
            [10, 12].map((n) => [day(n), 'Crew 71', 'CREW-1 Life Lane', 'installable', 'XP13000HX']));
        const pages = await crew(200, 'GET', '/v1/appointments?limit=1');
        const rest = await crew(200, 'GET', `/v1/appointments?limit=1&cursor=${pages.next}`);
        assert.deepEqual([...pages.items, ...rest.items], items);
        const starts = async (query) => (await crew(200, 'GET', `/v1/appointments?${query}`)).items.map((a) => a.starts_at);
        assert.deepEqual(await starts('from=2030-01-11T00:00:00Z'), [day(12)]);
        assert.deepEqual(await starts('to=2030-01-12T00:00:00Z&status=planned'), [day(10)]);
        assert.deepEqual(await starts('status=missed'), []);
        const all = await api().expect(200, 'GET', '/v1/appointments?from=2030-01-01T00:00:00Z&to=2030-02-01T00:00:00Z', { role: 'enrolment' });
        assert.equal(all.items.filter((a) => a.application_id === id).length, 3);
    });

    test('before a meter is in, the check says so and nothing can be kept', async () => {
        assert.deepEqual(await check(), { application_id: at.id, device: null, since: null, receipted: 0, self_test: null, transfer: null, return: null, lacking: ['DEVICE'] });
        const refused = await commission(409, { lamps_seen_at: new Date().toISOString() });
        assert.deepEqual(refused.errors.map((e) => e.rule), ['DEVICE']);
        await api().expect(404, 'GET', '/v1/applications/999999999/meter-check', { role: 'operator' });
    });

    test('a crew tells its meter to test itself, and changes no timer', async () => {
        await api().expect(201, 'POST', '/v1/devices', { role: 'operator', body: { serial: 'CREW-710001', public_key: '71'.repeat(32), model: 'BPTM-REF-30', hardware_revision: 'A' } });
        await crew(201, 'POST', '/v1/devices/CREW-710001/assignments', { premise_id: at.home.premise_id, application_id: at.id });
        const told = await crew(201, 'POST', '/v1/devices/CREW-710001/commands', { command: 'self_test', expires_in_s: 60 });
        assert.equal((await crew(200, 'GET', `/v1/devices/CREW-710001/commands/${told.counter}`)).command, 'self_test');
        const refused = await crew(422, 'POST', '/v1/devices/CREW-710001/commands', { command: 'settings', return_ms: 60000 });
        assert.deepEqual(refused.errors, [{ pointer: '/command', detail: 'is for operators only' }]);
        await api().expect(201, 'POST', '/v1/devices/CREW-710001/commands', { role: 'operator', body: { command: 'settings', return_ms: 60000 } });
    });

    test('the journal decides when the commissioning is whole: each thing that lacks is named', async () => {
        const lamps_seen_at = new Date().toISOString();
        assert.deepEqual((await check()).lacking, ['SELF_TEST', 'TRANSFER']);
        await record(1, SELF_TEST, '{"result": 2}');
        assert.deepEqual((({ self_test, lacking }) => [self_test.passed, lacking])(await check()), [false, ['SELF_TEST', 'TRANSFER', 'RECEIPT']]);
        await record(2, SELF_TEST, '{"result": 0}');
        await record(3, TRANSFER);
        assert.deepEqual((await check()).lacking, ['RETURN', 'RECEIPT']);
        await record(4, RETURN);
        await receipt(3);
        const almost = await check();
        assert.deepEqual([almost.self_test.receipted, almost.transfer.receipted, almost.return.receipted, almost.lacking], [true, true, false, ['RECEIPT']]);
        const refused = await commission(409, { lamps_seen_at });
        assert.deepEqual([refused.type, refused.errors], ['urn:bptm:error:state-refused', [{ pointer: '', rule: 'RECEIPT', detail: 'The records of it have no receipt yet.' }]]);
        await receipt(4);
        assert.deepEqual((await check()).lacking, []);
        const late = await commission(422, { lamps_seen_at, done_at: '2026-01-01T00:00:00Z' });
        assert.deepEqual(late.errors, [{ pointer: '/lamps_seen_at', detail: 'is after the end of the work' }]);
        const done_at = new Date().toISOString();
        const kept = await commission(201, { lamps_seen_at, done_at });
        assert.deepEqual([kept.device, kept.done_at, kept.lamps_seen_at, kept.self_test_seq, kept.transfer_seq, kept.return_seq, kept.role], ['CREW-710001', done_at, lamps_seen_at, 2, 3, 4, 'installer']);
        assert.deepEqual((await api().expect(200, 'GET', `/v1/applications/${at.id}/commissionings`, { role: 'enrolment' })).items, [kept]);
        const { items } = await api().expect(200, 'GET', `/v1/audit?object=commissioning:${kept.id}`, { role: 'operator' });
        assert.deepEqual(items.map((a) => [a.action, a.after.transfer_seq]), [['commissioning.create', 3]]);
    });
}
