// Reliability indices as an analyst asks for them; the rollups are made by the running jobs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';

const period = 'source=meters&from=2024-02-01&to=2024-03-01';

export function indices(api) {
    const get = (target, role = 'operator') => api().expect(200, 'GET', target, { role });

    test('outages become indices', async () => {
        await api().exec(`
            with p as (
              insert into programme.premise (code, address, city, postal_code, geom)
              select 'IX-' || n, 'Road 1', 'Indexton', '1', 'SRID=4326;POINT(-121 39)' from generate_series(1, 2) n returning premise_id
            ), a as (
              insert into fleet.assignment (device_id, premise_id, assigned_from, assigned_to)
              select 770000 + premise_id, premise_id, '2024-01-31 00:00Z', '2024-03-02 00:00Z' from p
            ), o as (
              insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, derived_at)
              select 770000 + premise_id, n, premise_id, timestamptz '2024-02-10 10:00Z' + n * interval '1 day', timestamptz '2024-02-10 10:00Z' + n * interval '1 day',
                     timestamptz '2024-02-10 10:00Z' + n * interval '1 day' + m, 'restored', 2, now()
              from p cross join (values (1, interval '30 minutes'), (2, interval '60 minutes'), (3, interval '2 minutes')) v(n, m)
            )
            insert into outage.index_due select 'meters', d::date from generate_series('2024-01-31', '2024-03-02', interval '1 day') d`);
        await until('the days are rolled up', async () => (await api().exec('select count(*) from outage.index_due where day < \'2025-01-01\'')) === '0');
        await until('the homes are counted', async () => (await api().exec('select count(*) from outage.served_span where from_day < \'2025-01-01\'')) !== '0', 60);
        const { items, note } = await get(`/v1/indices?${period}`);
        assert.equal(items.length, 1);
        const { days, customers_served, customer_interruptions, saidi, saifi, caidi, maifi_e, unended } = items[0];
        assert.deepEqual({ days, customers_served, customer_interruptions, saidi, saifi, caidi, maifi_e, unended },
            { days: 29, customers_served: 2, customer_interruptions: 4, saidi: 90, saifi: 2, caidi: 45, maifi_e: 1, unended: 0 });
        assert.match(note, /homes of the programme only/);
    });

    test('by group, and for some only', async () => {
        const { items } = await get(`/v1/indices?${period}&by=area,month`);
        assert.deepEqual(items.map((i) => [i.month, i.area, i.circuit_id, i.saifi]), [['2024-02', 'Indexton', null, 2]]);
        assert.equal((await get(`/v1/indices?${period}&area=Elsewhere`)).items[0].customer_interruptions, 0);
        assert.equal((await get(`/v1/indices?${period}&by=circuit`)).items[0].circuit_id, '');
    });

    test('of few homes analysts are told as the views tell them', async () => {
        const none = { customers_served: null, interruptions: null, customer_interruptions: null, customer_minutes: null, momentary_events: null,
            unended: null, saidi: null, saifi: null, caidi: null, asai: null, maifi_e: null };
        const told = async (by, role) => (await get(`/v1/indices?${period}${by}`, role)).items;
        for (const by of ['', '&by=month', '&by=circuit', '&by=area,cause', '&area=Indexton', '&cause=unknown']) {
            const staff = await told(by);
            assert.deepEqual(await told(by, 'analyst'), staff.map((i) => ({ ...i, ...none })), by);
        }
        const whole = await get(`/v1/customer-indices?${period}&n=2`);
        const hidden = { customers_served: null, customers_interrupted: null, customer_interruptions: null, customers_n: null, customers_s: null, cemi_n: null, celid_s: null, caifi: null };
        assert.deepEqual(await get(`/v1/customer-indices?${period}&n=2`, 'analyst'), { ...whole, ...hidden });
        const seen = () => api().exec(`select coalesce(saidi::text, 'none') from analytics.index_month where source = 'meters' and month = '2024-02-01' and circuit_id = ''`);
        assert.equal(await seen(), 'none', 'the view says no more');
        await api().exec('update outage.disclosure set least = 2');
        try {
            assert.deepEqual(await told('&by=month,circuit', 'analyst'), await told('&by=month,circuit'));
            assert.deepEqual(await get(`/v1/customer-indices?${period}&n=2`, 'analyst'), whole);
            assert.equal(await seen(), '90', 'what is enough is said in one place');
        } finally {
            await api().exec('update outage.disclosure set least = 5');
        }
    });

    test('each customer', async () => {
        const often = await get(`/v1/customer-indices?${period}&n=2&hours=1`);
        assert.deepEqual([often.customers_n, often.cemi_n, often.customers_s, often.celid_s, often.caifi], [2, 1, 2, 1, 2]);
        assert.equal((await get(`/v1/customer-indices?${period}&n=2&counting=above`)).customers_n, 0);
    });

    test('T_MED, its basis and the days above it', async () => {
        const { t_med, basis, days } = await get('/v1/major-event-days?source=meters&from=2024-02-12&to=2024-02-13&basis_from=2024-02-01&basis_to=2024-02-13');
        assert.deepEqual(basis, { from: '2024-02-01', to: '2024-02-13', days: 2, interruptions: 4 });
        // ln 30 and ln 60
        const mean = (Math.log(30) + Math.log(60)) / 2;
        assert.ok(Math.abs(t_med - Math.exp(mean + 2.5 * Math.sqrt(2 * ((Math.log(60) - mean) ** 2)))) < 1e-5, String(t_med));
        assert.deepEqual(days, []);
        const five = await get('/v1/major-event-days?source=meters&from=2024-02-12&to=2024-02-13');
        assert.deepEqual([five.basis.from, five.basis.to], ['2019-02-12', '2024-02-12']);

        // two homes are few: analysts are told of none of it, by basis or by period
        const at = '/v1/major-event-days?source=meters&from=2024-02-12&to=2024-02-13';
        for (const asked of [`${at}&basis_from=2024-02-01&basis_to=2024-02-13`, `${at}&basis_from=2024-02-11&basis_to=2024-02-12`, at]) {
            const { note, ...rest } = await get(asked);
            const hidden = { alpha: null, beta: null, t_med: null, days: null };
            assert.deepEqual(await get(asked, 'analyst'), { ...rest, note, ...hidden, basis: { ...rest.basis, days: null, interruptions: null } });
        }
        await api().exec('update outage.disclosure set least = 2');
        try {
            const asked = `${at}&basis_from=2024-02-01&basis_to=2024-02-13`;
            assert.deepEqual(await get(asked, 'analyst'), await get(asked));
            // of five years in which nobody was served but for some days: fewer than two
            assert.equal((await get(at, 'analyst')).days, null);
        } finally {
            await api().exec('update outage.disclosure set least = 5');
        }
    });

    test('sources are listed, and only they are known', async () => {
        const { items } = await get('/v1/outage-sources');
        assert.ok(items.some((s) => s.code === 'meters' && s.first_day <= '2024-02-11' && s.last_day >= '2024-02-12'));
        for (const route of ['indices', 'customer-indices', 'major-event-days']) {
            await api().expect(404, 'GET', `/v1/${route}?source=no-such&from=2024-02-01&to=2024-03-01`, { role: 'analyst' });
        }
    });

    test('a period that is none, and groups that are none', async () => {
        const wrong = { 'from=2024-02-01&to=2024-02-01': 'to', 'from=2024-02-30&to=2024-03-01': 'from', 'from=2024-2-1&to=2024-03-01': 'from',
            'from=2024-02-01&to=2024-03-01&by=month,month': 'by', 'from=2024-02-01&to=2024-03-01&by=month,': 'by',
            'from=2024-02-01&to=2024-03-01&by=mon': 'by', 'from=2024-02-01&to=2024-03-01&basis_from=2024-01-01&basis_to=2023-01-01': 'basis_to' };
        for (const [query, name] of Object.entries(wrong)) {
            const { errors } = await api().expect(400, 'GET', `/v1/indices?source=meters&${query}`, { role: 'analyst' });
            assert.deepEqual(errors.map((e) => e.parameter), [name], query);
        }
    });
}
