// Alarms, as the running jobs raise them from a device's journal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';

const record = (seq, kind, cause) => `
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, hash)
    values (690001, ${seq}, '2025-03-01Z', now(), now(), ${seq}, 1, ${kind}, 2, ${cause}, '');
    insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (690001, sha256(''), ${seq}, ${seq}, now())
    on conflict (device_id) do update set stored = excluded.stored, claimed_seq = excluded.claimed_seq`;

export function alarms(api) {
    const role = 'operator';
    const list = async (query = '') => (await api().expect(200, 'GET', `/v1/alarms?device=ALARM-1${query}`, { role })).items;

    test('a backfeed is an alarm, until the device clears the fault', async () => {
        await api().exec(`insert into fleet.device values (690001, 'ALARM-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now()); ${record(1, 10, 24)}`);
        await until('it is raised', async () => (await list()).length === 1, 30);
        const [alarm] = await list('&state=raised&kind=backfeed&severity=critical');
        assert.deepEqual([alarm.kind, alarm.severity, alarm.state, alarm.detail], ['backfeed', 'critical', 'raised', { cause: 24, seq: 1, times: 1 }]);
        const seen = await api().expect(200, 'POST', `/v1/alarms/${alarm.id}/acknowledgements`, { role, body: { note: 'Crew called.' } });
        assert.equal(seen.state, 'acknowledged');
        await api().expect(409, 'POST', `/v1/alarms/${alarm.id}/acknowledgements`, { role, body: {} });
        await api().exec(record(2, 11, 24));
        await until('it is gone', async () => (await list('&state=cleared')).length === 1, 30);
        const { history, cleared_by } = await api().expect(200, 'GET', `/v1/alarms/${alarm.id}`, { role });
        assert.equal(cleared_by, null);
        assert.deepEqual(history.map((h) => [h.event, h.by !== null, h.note]), [['raised', false, null], ['acknowledged', true, 'Crew called.'], ['cleared', false, null]]);
    });

    test('a person clears an alarm with a reason, and it stays cleared', async () => {
        await api().exec(record(3, 8, 21));
        await until('it is raised', async () => (await list('&kind=transfer_failed')).length === 1, 30);
        const [{ id }] = await list('&kind=transfer_failed');
        const { errors } = await api().expect(422, 'POST', `/v1/alarms/${id}/clearances`, { role, body: {} });
        assert.equal(errors[0].pointer, '/note');
        const cleared = await api().expect(200, 'POST', `/v1/alarms/${id}/clearances`, { role, body: { note: 'Breaker was off.' } });
        assert.equal(cleared.state, 'cleared');
        await api().expect(409, 'POST', `/v1/alarms/${id}/clearances`, { role, body: { note: 'again' } });
        await api().expect(404, 'POST', '/v1/alarms/999999999/clearances', { role, body: { note: 'x' } });
        const audit = await api().expect(200, 'GET', `/v1/audit?object=alarm:${id}`, { role: 'admin' });
        assert.deepEqual(audit.items.map((a) => [a.action, a.before.state, a.after.state]), [['alarm.clear', 'raised', 'cleared']]);
    });
}
