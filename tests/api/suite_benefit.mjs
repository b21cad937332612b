// What backup power did, as the running jobs derive it from journals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';

/** Six homes: an hour dark, on the generator from the sixth minute; the first two fail once by no_close. */
const story = `
    do $$
    declare l record;
    begin
      insert into programme.circuit (circuit_id, name) values ('BB001', 'Benefit one');
      for l in select n, 'BB-' || n as code, 640000 + n as d from generate_series(1, 6) n loop
        insert into programme.premise (code, address, city, postal_code, geom) values (l.code, 'Road 1', 'Benefiton', '1', 'SRID=4326;POINT(-120 38)');
        insert into programme.premise_circuit select premise_id, 'BB001', '2020-01-01' from programme.premise where code = l.code;
        insert into fleet.device values (l.d, 'BENEF-' || l.n, (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
        insert into fleet.assignment (device_id, premise_id, assigned_from) select l.d, premise_id, '2023-01-01Z' from programme.premise where code = l.code;
        insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, since_ms, delay_ms, setting_ms, hash)
        select l.d, v.seq, '2023-03-01Z', v.at, v.at, extract(epoch from v.at - '2023-03-01Z') * 1000, 1, case when l.n > 2 and v.kind = 8 then 4 else v.kind end, 2, v.cause, 0, v.delay_ms, 20000, ''
        from (values (1, 2, timestamptz '2023-03-01 10:00Z', null::integer, null::bigint), (2, 8, '2023-03-01 10:02Z', 21, null), (3, 6, '2023-03-01 10:06Z', null, 360000),
                     (4, 3, '2023-03-01 11:00Z', null, null), (5, 7, '2023-03-01 11:00:20Z', 10, 20000), (6, 5, '2023-03-01 11:02Z', null, null)) v(seq, kind, at, cause, delay_ms);
        insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (l.d, sha256(''), 6, 6, now());
      end loop;
    end $$`;

export function benefit(api) {
    const get = (query, role = 'operator') => api().expect(200, 'GET', `/v1/backup-benefit?from=2023-03-01&to=2023-03-02${query}`, { role });

    test('minutes carried, transfers and failures', async () => {
        await api().exec(story);
        await until('the facts are made', async () => (await get('&area=Benefiton')).items[0]?.outages === 6, 30);
        const { items } = await get('&area=Benefiton');
        assert.equal(items.length, 1);
        const told = items[0];
        assert.deepEqual([told.devices, told.used, told.unused, told.outages, told.ended, told.carried, told.covered], [6, 6, 0, 6, 6, 6, 6]);
        assert.deepEqual([told.outage_minutes, told.carried_minutes, told.share, told.share_p50], [360, 324, 0.9, 0.9]);
        assert.deepEqual([told.transfer_p50_ms, told.return_p50_ms, told.over_setting_max_ms, told.late_returns], [360000, 20000, 0, 0]);
        assert.deepEqual([told.failed, told.failed_by_cause, told.left_running, told.backfeeds, told.re_outages], [2, { no_close: 2 }, 0, 0, 0]);
        assert.deepEqual([told.medical, told.medical_carried, told.medical_covered], [0, 0, 0]);
        const list = await api().expect(200, 'GET', '/v1/outages?device=BENEF-1', { role: 'operator' });
        assert.deepEqual([list.items[0].minutes_carried, list.items[0].share_carried], [54, 0.9]);
    });

    test('by group, and for some only', async () => {
        const { items } = await get('&by=month,circuit,firmware&area=Benefiton');
        assert.deepEqual(items.map((i) => [i.month, i.circuit_id, i.firmware, i.generator, i.outages]), [['2023-03', 'BB001', '', null, 6]]);
        assert.equal((await get('&circuit_id=BB001')).items[0].outages, 6);
        assert.deepEqual((await get('&area=Nowhere')).items, []);
        assert.deepEqual((await get('&programme=no-such&generator=None&model=none&firmware=9')).items, []);
    });

    test('an analyst is told nothing of few homes', async () => {
        const enough = (await get('&area=Benefiton', 'analyst')).items[0];
        assert.deepEqual([enough.outages, enough.carried_minutes, enough.medical], [6, 324, null]);
        await api().exec('update outage.disclosure set least = 7');
        const few = (await get('&by=area&area=Benefiton', 'analyst')).items[0];
        await api().exec('update outage.disclosure set least = 5');
        const { area, ...rest } = few;
        assert.equal(area, 'Benefiton');
        assert.deepEqual(Object.entries(rest).filter(([, value]) => value !== null), []);
    });

    test('a period that is none, and groups that are none', async () => {
        const wrong = { 'from=2023-03-01&to=2023-03-01': 'to', 'from=2023-02-30&to=2023-03-01': 'from', 'from=2023-02-01&to=2023-03-01&by=month,month': 'by', 'from=2023-02-01&to=2023-03-01&by=cause': 'by' };
        for (const [query, name] of Object.entries(wrong)) {
            const { errors } = await api().expect(400, 'GET', `/v1/backup-benefit?${query}`, { role: 'analyst' });
            assert.deepEqual(errors.map((e) => e.parameter), [name], query);
        }
    });
}
