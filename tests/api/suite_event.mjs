// Outage events from the journals of devices, as the running jobs derive them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';

/** Journals of six homes on a circuit: dark together from 10:00, five back at 10:30, one still dark. */
const story = `
    do $$
    declare l record;
    begin
      insert into programme.circuit (circuit_id, name) values ('EV001', 'Event one');
      for l in select n, 'EV-' || n as code, 660000 + n as d from generate_series(1, 6) n loop
        insert into programme.premise (code, address, city, postal_code, geom) values (l.code, 'Road 1', 'Eventon', '1', st_setsrid(st_point(-120 - l.n * 0.001, 38), 4326));
        insert into programme.premise_circuit select premise_id, 'EV001', '2020-01-01' from programme.premise where code = l.code;
        insert into fleet.device values (l.d, 'EVENT-' || l.n, (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
        insert into fleet.assignment (device_id, premise_id, assigned_from) select l.d, premise_id, '2025-01-01Z' from programme.premise where code = l.code;
        insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
        select l.d, v.seq, '2025-03-01Z', v.at, v.at, extract(epoch from v.at - '2025-03-01Z') * 1000, 1, v.kind, 2, 0, ''
        from (values (1, 2, timestamptz '2025-03-01 10:00Z' + l.n * interval '10 s'), (2, 3, '2025-03-01 10:30Z')) v(seq, kind, at)
        where l.n < 6 or v.seq = 1;
        insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (l.d, sha256(''), 2 - (l.n = 6)::integer, 2 - (l.n = 6)::integer, now());
      end loop;
    end $$`;

export function events(api) {
    const get = (target, role = 'operator') => api().expect(200, 'GET', target, { role });
    const one = async (query) => (await get(`/v1/outage-events?circuit_id=EV001${query}`)).items;

    test('homes that go dark together are one event', async () => {
        await api().exec(story);
        await until('the event is derived', async () => (await one('&kind=nested')).length === 1, 30);
        const [event] = await one('&kind=outage');
        assert.deepEqual([event.level, event.element, event.customers, event.dark, event.served, event.state], ['circuit', 'EV001', 6, 1, 6, 'open']);
        assert.equal(event.started_at, '2025-03-01T10:00:10.000Z');
        assert.equal(event.restored_at, '2025-03-01T10:30:00.000Z');
        const full = await get(`/v1/outage-events/${event.id}`);
        assert.equal(full.homes.length, 6);
        assert.equal(full.versions.at(-1).version, event.version);
        assert.equal(full.versions[0].reasons[0], 'first');
        assert.deepEqual(full.nested, (await one('&kind=nested')).map((n) => n.id));
    });

    test('who is still dark is a worklist', async () => {
        const { items } = await get('/v1/still-dark');
        const mine = items.filter((i) => i.circuit_id === 'EV001');
        assert.deepEqual(mine.map((i) => [i.device, i.city, i.circuit_restored_at]), [['EVENT-6', 'Eventon', '2025-03-01T10:30:00.000Z']]);
    });

    test('the outages of an event, in the list and in the file', async () => {
        const [event] = await one('&kind=outage'), [nested] = await one('&kind=nested');
        const { items } = await get(`/v1/outages?event_id=${event.id}`);
        assert.deepEqual([items.length, ...new Set(items.map((o) => o.event_id))], [6, event.id]);
        assert.deepEqual((await get(`/v1/outages?event_id=${nested.id}`)).items.map((o) => [o.device, o.event_id]), [['EVENT-6', event.id]]);
        const file = async (id, role) => (await api().call('GET', `/v1/outages.csv?event_id=${id}`, { role })).text.trim().split('\n').length - 1;
        assert.deepEqual([await file(event.id, 'operator'), await file(nested.id, 'operator')], [6, 1]);
        assert.deepEqual([await file(event.id, 'analyst'), await file(nested.id, 'analyst')], [6, 0], 'of few homes nothing is told');
        const told = (await get(`/v1/outages?event_id=${event.id}`, 'analyst')).items;
        assert.deepEqual([told.length, told[0].event_id], [6, event.id]);
        assert.equal((await get(`/v1/outages?event_id=${nested.id}`, 'analyst')).items.length, 0);
    });

    test('devices by part of their number, and by whether they are connected', async () => {
        const serials = async (query) => (await get(`/v1/devices?${query}`)).items.map((d) => d.serial);
        await api().exec('insert into fleet.device_link (device_id, session, online, received_at) values (660002, 1, true, now())');
        assert.deepEqual(await serials('q=event-'), [1, 2, 3, 4, 5, 6].map((n) => `EVENT-${n}`));
        assert.deepEqual(await serials('q=ENT-&online=true'), ['EVENT-2']);
        assert.deepEqual(await serials('q=event-&online=false'), [1, 3, 4, 5, 6].map((n) => `EVENT-${n}`));
        assert.deepEqual(await serials('q=%25'), []);
        assert.equal((await get('/v1/devices/EVENT-1')).silent_after_s, 900);
    });

    test('by place and time', async () => {
        const count = async (query) => (await one(`&kind=outage${query}`)).length;
        assert.equal(await count('&bbox=-120.1,37.9,-120,38.1'), 1);
        assert.equal(await count('&bbox=-119,37.9,-118,38.1'), 0);
        assert.equal(await count('&to=2025-03-01T10:00:00Z'), 0);
        assert.equal(await count('&from=2025-03-02T00:00:00Z'), 1, 'still open');
        assert.equal(await count('&state=closed'), 0);
        assert.equal(await count('&level=circuit'), 1);
        for (const bbox of ['1,2,3', '1,2,3,4,5', '1,4,3,2', '-181,0,0,1', '0,0,0,91', 'a,b,c,d', '1,2,3,', 'nan,0,1,1']) {
            const { errors } = await api().expect(400, 'GET', `/v1/outage-events?bbox=${bbox}`, { role: 'operator' });
            assert.equal(errors[0].parameter, 'bbox', bbox);
        }
    });

    test('an analyst is told of no single home', async () => {
        const { items } = await get('/v1/outage-events?circuit_id=EV001', 'analyst');
        const nested = items.find((i) => i.kind === 'nested');
        assert.deepEqual([nested.customers, nested.level, nested.element, nested.longitude], [null, null, null, null]);
        const whole = items.find((i) => i.kind === 'outage');
        assert.equal(whole.customers, 6);
        assert.equal(whole.longitude, -120);
        assert.equal((await get(`/v1/outage-events/${whole.id}`, 'analyst')).homes, null);
        const small = await get('/v1/outage-events?circuit_id=EV001&bbox=-121,37,-119,39', 'analyst');
        assert.deepEqual(small.items.map((i) => i.kind), ['outage'], 'nor found by its place');
    });

    test('a drill takes its outages out', async () => {
        const drill = await api().expect(201, 'POST', '/v1/drills', { role: 'operator', body: { name: 'Exercise', circuit_id: 'EV001', starts_at: '2025-03-01T09:00:00Z', ends_at: '2025-03-01T11:00:00Z' } });
        assert.deepEqual(await get(`/v1/drills/${drill.id}`), drill);
        assert.ok((await get('/v1/drills')).items.some((d) => d.id === drill.id));
        await until('the events are withdrawn', async () => (await one('')).length === 0, 30);
        const body = { name: 'x', starts_at: '2025-03-01T09:00:00Z', ends_at: '2025-03-01T09:00:00Z' };
        assert.equal((await api().expect(422, 'POST', '/v1/drills', { role: 'operator', body })).errors[0].pointer, '/ends_at');
        assert.equal((await api().expect(422, 'POST', '/v1/drills', { role: 'operator', body: { ...body, ends_at: '2025-03-01T10:00:00Z', circuit_id: 'none' } })).errors[0].pointer, '/circuit_id');
    });

    test('a silent device is told with its cause', async () => {
        await api().exec(`insert into fleet.journal_head (device_id, head_hash, stored, updated_at) values (660001, sha256(''), 2, now() - interval '2 hours')
                          on conflict (device_id) do update set updated_at = excluded.updated_at`);
        const { items } = await get('/v1/silent-devices?cause=unit');
        assert.ok(items.some((i) => i.device === 'EVENT-1'), JSON.stringify(items));
    });
}
