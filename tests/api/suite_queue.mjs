// What enrolment staff work through: the queue, its counts, the audit of an application, a map of a place.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const role = 'enrolment';

export function queue(api) {
    let n = 0;
    /** An application of a place of its own, inside the fire zone unless told otherwise. */
    async function apply({ place = {}, generator = { make: 'DuroMax', model: 'XP13000HX' }, attestations = {}, name = `Queue ${n}` } = {}) {
        n++;
        const premise = await api().expect(201, 'POST', '/v1/premises', { role, body: {
            code: `SP-QUEUE-${n}`, address: `${n} Queue Road`, city: 'Nevada City', postal_code: '95959', longitude: -121.0161,
            latitude: 39.2616, circuit_id: '012345601', meter_number: `MQ-${n}`, meter_form: '2S', service_amps: 200, service_voltage: '120/240', ...place } });
        const customer = await api().expect(201, 'POST', '/v1/customers', { role, body: { name } });
        const account = await api().expect(201, 'POST', '/v1/accounts', { role, body: { number: `AC-QUEUE-${n}`, premise_id: premise.id, customer_id: customer.id, kind: 'residential' } });
        const { body, headers } = await api().call('POST', '/v1/applications', { role, body: {
            programme: 'bptm', premise_id: premise.id, account_id: account.id, generator,
            attestations: { owner_or_permission: true, access_agreed: true, survey_agreed: true, ...attestations } } });
        return { id: body.id, premise, customer, headers, body };
    }
    const listed = async (query) => (await api().expect(200, 'GET', `/v1/queue?${query}`, { role })).items;

    test('the oldest come first, in pages, with what they lack', async () => {
        const unknown = await apply({ place: { service_voltage: undefined }, attestations: { survey_agreed: false } });
        const second = await apply();
        await api().exec(`update programme.application set state_since = now() - interval '40 days' where application_id = ${second.id}`);
        const items = await listed('q=queue%20road');
        assert.deepEqual(items.map((i) => i.id), [second.id, unknown.id]);
        assert.deepEqual(items[0].missing, []);
        assert.deepEqual(items[1].missing.map((m) => m.code), ['VOLTAGE', 'SURVEY']);
        assert.equal(items[1].customer_name, unknown.customer.name === undefined ? items[1].customer_name : unknown.customer.name);
        const first = await api().expect(200, 'GET', '/v1/queue?q=queue%20road&limit=1', { role });
        const next = await api().expect(200, 'GET', `/v1/queue?q=queue%20road&limit=1&cursor=${first.next}`, { role });
        assert.deepEqual([first.items[0].id, next.items[0].id, next.next], [second.id, unknown.id, null]);
    });

    test('by state, person, deadline; ended ones are not in it', async () => {
        const one = await apply();
        const assigned = await api().call('PATCH', `/v1/applications/${one.id}`, { role, body: { assignee: 'desk 4' } });
        assert.equal(assigned.status, 200);
        assert.deepEqual((await listed('assignee=desk%204')).map((i) => [i.id, i.assignee]), [[one.id, 'desk 4']]);
        assert.ok(!(await listed('unassigned=true&limit=200')).some((i) => i.id === one.id));
        assert.ok((await listed('state=eligible&limit=200')).every((i) => i.state === 'eligible'));
        await api().expect(400, 'GET', '/v1/queue?state=installed', { role });
        await api().exec(`insert into programme.state_deadline (programme_id, state, days) select programme_id, state, 5 from programme.application where application_id = ${one.id} on conflict do nothing;
            update programme.application set state_since = now() - interval '400 days' where application_id = ${one.id}`);
        assert.ok((await listed('overdue=true')).some((i) => i.id === one.id));
        const states = (await api().expect(200, 'GET', '/v1/queue-states', { role })).items;
        const eligible = states.find((s) => s.state === 'eligible');
        assert.equal(states.length, 15);
        assert.ok(eligible.count >= 2 && eligible.overdue >= 1 && Date.parse(eligible.oldest_at) < Date.now() - 399 * 86_400_000, JSON.stringify(eligible));
        await api().expect(200, 'POST', `/v1/applications/${one.id}/transitions`, { role, body: { action: 'withdraw', reason: 'test' } });
        assert.deepEqual(await listed('assignee=desk%204'), []);
    });

    test('the audit of an application says who, before and after', async () => {
        const one = await apply();
        await api().call('PATCH', `/v1/applications/${one.id}`, { role, body: { assignee: 'desk 5' } });
        const { items } = await api().expect(200, 'GET', `/v1/applications/${one.id}/audit`, { role });
        assert.deepEqual([items[0].action, items[0].by, items[0].before.assignee, items[0].after.assignee], ['application.change', 'stack enrolment', null, 'desk 5']);
        assert.equal(items.at(-1).action, 'application.create');
        await api().expect(404, 'GET', '/v1/applications/999999999/audit', { role });
        assert.equal((await api().expect(200, 'GET', `/v1/applications/${one.id}/audit`, { role: 'operator' })).items.length, items.length);
    });

    test('a place with the zones around it, cut to a square', async () => {
        const one = await apply();
        const map = await api().expect(200, 'GET', `/v1/premises/${one.premise.id}/surroundings?radius_m=1000`, { role });
        assert.deepEqual([map.longitude, map.latitude], [-121.0161, 39.2616]);
        assert.ok(map.bbox[0] < map.longitude && map.bbox[2] - map.bbox[0] < 0.03);
        assert.ok(map.zones.length > 0);
        for (const [x, y] of map.zones.flatMap((z) => z.geometry.coordinates.flat(2))) {
            assert.ok(x >= map.bbox[0] - 1e-5 && x <= map.bbox[2] + 1e-5 && y >= map.bbox[1] - 1e-5 && y <= map.bbox[3] + 1e-5);
        }
        await api().expect(404, 'GET', '/v1/premises/999999999/surroundings', { role });
        await api().expect(400, 'GET', `/v1/premises/${one.premise.id}/surroundings?radius_m=100`, { role });
    });
}
