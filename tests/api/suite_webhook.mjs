// Webhooks over REST: made, read, changed, tried, and what their messages say; the sending itself is in tests/e2e.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Receiver } from '../lib/receiver.mjs';
import { until } from '../lib/stack.mjs';

const role = 'operator', DEVICE = 700001;

/** A home whose journal tells that the utility was lost, and that it is back. */
const outage = `
    insert into programme.circuit (circuit_id, name) values ('WH001', 'Webhook one');
    insert into programme.premise (code, address, city, postal_code, geom) values ('WH-1', 'Hook Road 1', 'Hookton', '1', st_setsrid(st_point(-119.5, 37.5), 4326));
    insert into programme.premise_circuit select premise_id, 'WH001', '2020-01-01' from programme.premise where code = 'WH-1';
    insert into fleet.device values (${DEVICE}, 'HOOK-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
    insert into fleet.assignment (device_id, premise_id, assigned_from) select ${DEVICE}, premise_id, '2025-01-01Z' from programme.premise where code = 'WH-1'`;
const record = (seq, kind, at) => `
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
    values (${DEVICE}, ${seq}, '2025-03-01Z', now(), '${at}', ${seq} * 600000, 1, ${kind}, 2, 0, '');
    insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (${DEVICE}, sha256(''), ${seq}, ${seq}, now())
    on conflict (device_id) do update set stored = excluded.stored, claimed_seq = excluded.claimed_seq`;

export function webhooks(api) {
    const good = { url: 'https://ops.example/bptm', description: 'desk', types: ['alarm.raised'] };
    const make = (body) => api().expect(201, 'POST', '/v1/webhooks', { role, body: { ...good, ...body } });
    const drop = (id) => api().expect(204, 'DELETE', `/v1/webhooks/${id}`, { role });

    test('the secret is told once', async () => {
        const made = await make();
        assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
        const told = await api().call('GET', `/v1/webhooks/${made.id}`, { role });
        assert.ok(!told.text.includes('whsec_') && !told.text.includes(made.secret.slice(6)));
        assert.deepEqual([told.body.enabled, told.body.waiting, told.body.dead, told.body.secrets.length], [true, 0, 0, 1]);
        const list = await api().call('GET', '/v1/webhooks', { role });
        assert.ok(list.body.items.some((w) => w.id === made.id) && !list.text.includes(made.secret.slice(6)));
        const audit = await api().call('GET', `/v1/audit?object=webhook:${made.id}`, { role: 'admin' });
        assert.ok(!audit.text.includes(made.secret.slice(6)));
        assert.deepEqual(audit.body.items[0].after, { origin: 'https://ops.example', description: 'desk', types: ['alarm.raised'], enabled: true });
        await drop(made.id);
        await api().expect(404, 'GET', `/v1/webhooks/${made.id}`, { role });
        await api().expect(404, 'DELETE', `/v1/webhooks/${made.id}`, { role });
    });

    test('what has no form is refused, each with its place', async () => {
        const wrong = {
            '/url': ['ops.example', 'ftp://ops.example/', 'https://user@ops.example/', 'https://user:word@ops.example/', 'https://ops.example/#x', 'https://ops.example/a b', 'https:///x', `https://${'a'.repeat(600)}`],
            '/types': [[], ['alarm.rung'], ['alarm.raised', 'alarm.raised'], 'alarm.raised', ['webhook.ping']],
            '/description': ['', 'x'.repeat(121)],
        };
        for (const [pointer, values] of Object.entries(wrong)) {
            for (const value of values) {
                const { errors } = await api().expect(422, 'POST', '/v1/webhooks', { role, body: { ...good, [pointer.slice(1)]: value } });
                assert.equal(errors[0].pointer, pointer, JSON.stringify(value));
            }
        }
    });

    test('it is changed for what it was read as, and taken away', async () => {
        const made = await make();
        const path = `/v1/webhooks/${made.id}`;
        const { headers } = await api().call('GET', path, { role });
        const now = await api().expect(200, 'PATCH', path, { role, headers: { 'if-match': headers.get('etag') }, body: { types: ['alarm.cleared', 'outage_event.closed'], enabled: false } });
        assert.deepEqual([now.types, now.enabled, now.disabled_because, now.url], [['alarm.cleared', 'outage_event.closed'], false, 'operator', good.url]);
        await api().expect(412, 'PATCH', path, { role, headers: { 'if-match': headers.get('etag') }, body: { enabled: true } });
        await api().expect(409, 'POST', `${path}/pings`, { role });
        await api().expect(409, 'POST', `${path}/redeliveries`, { role });
        await api().expect(422, 'POST', `${path}/secrets`, { role, body: { overlap_h: 169 } });
        await drop(made.id);
    });

    test('there are not more than there may be', async () => {
        const made = [];
        for (;;) {
            const { status, body } = await api().call('POST', '/v1/webhooks', { role, body: good });
            if (status !== 201) {
                assert.equal(status, 409);
                break;
            }
            made.push(body.id);
        }
        assert.equal(made.length, 32);
        const page = await api().expect(200, 'GET', '/v1/webhooks?limit=20', { role });
        const rest = await api().expect(200, 'GET', `/v1/webhooks?limit=20&cursor=${page.next}`, { role });
        assert.deepEqual([...page.items, ...rest.items].map((w) => w.id), made);
        for (const id of made) {
            await drop(id);
        }
    });

    test('an outage event opens and closes at the subscriber, as the document shows it', async () => {
        const receiver = await Receiver.start();
        try {
            const here = receiver.at('/events');
            const made = await make({ url: here.url, types: ['outage_event.opened', 'outage_event.revised', 'outage_event.closed', 'outage_event.withdrawn'] });
            here.secrets.push(made.secret);
            await api().exec(`${outage}; ${record(1, 2, '2025-03-01 10:00Z')}`);
            const mine = () => here.got.filter((m) => m.data.circuit_id === 'WH001');
            await until('it opens', () => mine().some((m) => m.type === 'outage_event.opened'), 30);
            await api().exec(record(2, 3, '2025-03-01 10:30Z'));
            await until('it closes', () => mine().some((m) => m.type === 'outage_event.closed'), 30);
            const opened = mine().find((m) => m.type === 'outage_event.opened'), closed = mine().find((m) => m.type === 'outage_event.closed');
            assert.deepEqual([opened.data.started_at, opened.data.ended_at, closed.data.ended_at], ['2025-03-01T10:00:00.000Z', null, '2025-03-01T10:30:00.000Z']);
            const event = await api().expect(200, 'GET', `/v1/outage-events/${closed.data.id}`, { role });
            assert.equal(event.version, closed.data.version);
            const premise = await api().exec("select premise_id from programme.premise where code = 'WH-1'");
            assert.ok(!('element' in closed.data) && !('members' in closed.data), `a home alone is not named (${premise})`);
            const { items } = await api().expect(200, 'GET', `/v1/webhooks/${made.id}/messages?state=delivered`, { role });
            const message = await api().expect(200, 'GET', `/v1/webhook-messages/${items.find((m) => m.message === closed.id).id}`, { role });
            assert.deepEqual(message.payload, { type: closed.type, timestamp: closed.timestamp, data: closed.data });
            await api().expect(202, 'POST', `/v1/webhook-messages/${message.id}/redeliveries`, { role });
            await until('it comes again', () => mine().filter((m) => m.id === closed.id).length === 2, 30);
            assert.deepEqual(here.refused, []);
            await drop(made.id);

            const shown = [...(await readFile(new URL('../../api/webhooks.md', import.meta.url), 'utf8')).matchAll(/```json\n([^`]*)```/g)].map(([, text]) => JSON.parse(text));
            const keys = (o) => Object.keys(o).sort();
            const example = shown.find((m) => m.type === 'outage_event.closed');
            assert.deepEqual([keys(example), keys(example.data)], [['data', 'timestamp', 'type'], keys({ ...closed.data, element: '' })]);
        } finally {
            await receiver.stop();
        }
    });
}
