// Exports: streamed whole, from one snapshot, and harmless to a spreadsheet.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../lib/stack.mjs';
import { problems } from './schema.mjs';

const run = promisify(execFile);

/** 2,600 outages of one home, so that an export has three pieces, in a city with a name for spreadsheets. */
const story = `
    do $$
    begin
      insert into programme.premise (code, address, city, postal_code, geom) values ('EX-1', 'Road 1', '=HYPERLINK("x"),y', '1', st_setsrid(st_point(-140.5, 35.25), 4326));
      insert into fleet.device values (680001, 'EXPORT-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
      insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, circuit_id, derived_at)
      select 680001, k, premise_id, t, t, case when k < 2600 then t + interval '10 minutes' end, case when k < 2600 then 'restored' end, 2, '', now()
      from programme.premise, generate_series(1, 2600) k, lateral (select timestamptz '2024-01-01Z' + k * interval '1 hour' as t) x where code = 'EX-1';
      insert into outage.event (kind, level, element, circuit_id, started_at, ended_at, restored_at, customers, dark, served, lit, confidence, momentary, revised_at, centre)
      values ('outage', 'circuit', 'EX001', 'EX001', '2024-05-01Z', '2024-05-01 02:00Z', '2024-05-01 01:00Z', 12, 0, 20, 0, 0.9, false, now(), st_setsrid(st_point(-140.5012, 35.2512), 4326)),
             ('outage', 'premise', 'EX001', 'EX001', '2024-05-02Z', null, null, 2, 2, 2, 0, 0.9, false, now(), st_setsrid(st_point(-140.5012, 35.2512), 4326)),
             ('outage', 'circuit', 'EX001', 'EX001', '2024-05-03Z', null, '2024-05-03 01:00Z', 12, 3, 20, 0, 0.9, false, now(), null);
    end $$`;

export function exports_(api) {
    const text = async (target, role = 'operator') => {
        const answer = await api().call('GET', target, { role });
        assert.equal(answer.status, 200, `${target}: ${answer.text.slice(0, 300)}`);
        return answer;
    };
    const box = 'bbox=-141,35,-140,36';

    test('CSV has every row once, and no formula', async () => {
        await api().exec(story);
        const lines = (await text(`/v1/outages.csv?${box}`)).text.split('\r\n');
        assert.equal(lines.pop(), '');
        assert.equal(lines.length, 2601);
        const header = lines.shift().split(',');
        assert.deepEqual(header.slice(0, 7), ['id', 'longitude', 'latitude', 'device', 'premise_id', 'circuit_id', 'city']);
        assert.equal(new Set(lines).size, 2600);
        assert.match(lines[0], /^\d+,-140\.5,35\.25,EXPORT-1,\d+,,"'=HYPERLINK\(""x""\),y",closed,2024-01-01T01:00:00\.000Z,2024-01-01T01:10:00\.000Z,restored,synchronised,10,0,/);
        assert.ok(lines[0].endsWith('Z') && lines[0].includes(',true,'));
    });

    test('the filters are the list\'s', async () => {
        const rows = async (query) => (await text(`/v1/outages.csv?${query}`)).text.split('\r\n').length - 2;
        for (const query of ['state=open', 'from=2024-02-01T00:00:00Z&to=2024-02-01T12:00:00Z', 'device=EXPORT-1&to=2024-01-01T03:00:00Z', 'bbox=-140.6,35.2,-140.4,35.3&state=open', 'bbox=10,10,11,11']) {
            let listed = 0;
            for (let next = ''; next !== null;) {
                const page = (await text(`/v1/outages?limit=200&${query}${next && `&cursor=${next}`}`)).body;
                listed += page.items.length;
                next = page.next;
            }
            assert.equal(await rows(query), listed, query);
        }
        assert.equal(await rows('device=EXPORT-1&to=2024-01-01T03:00:00Z'), 2, 'began before, not at');
        assert.equal(await rows('bbox=10,10,11,11'), 0, 'a header alone');
        for (const query of ['premise_id=1', 'device=EXPORT-1']) {
            await api().expect(403, 'GET', `/v1/outages.csv?${query}`, { role: 'analyst' });
        }
        await api().expect(400, 'GET', '/v1/outages.csv?limit=3', { role: 'operator' });
    });

    test('what lasts into a time is listed, however long ago it began', async () => {
        await api().exec(`
            with p as (
              insert into programme.premise (code, address, city, postal_code, geom) values ('EX-2', 'Road 2', 'Longton', '1', st_setsrid(st_point(-150.5, 20.25), 4326)) returning premise_id
            ), d as (
              insert into fleet.device values (680002, 'EXPORT-2', (select min(model) from fleet.device_model), 'A', 0, 'registered', now())
            )
            insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, derived_at)
            select 680002, n, premise_id, t, t, t + long, case when long is not null then 'restored' end, 2, now()
            from p cross join (values (1, timestamptz '2023-05-01Z', null), (2, '2023-05-20Z', interval '4 days'), (3, '2023-06-01Z', '5 days'), (4, '2023-06-02 12:00Z', '3 days'),
              (5, '2023-06-04Z', '2 days'), (6, '2023-06-05Z', '1 hour'), (7, '2023-06-06Z', '1 hour'), (8, '2023-06-07Z', '1 hour')) v(n, t, long)`);
        const told = async (query) => {
            const all = [];
            for (let next = ''; next !== null;) {
                const page = (await text(`/v1/outages?bbox=-151,20,-150,21&from=2023-06-05T11:59:00Z&to=2023-06-07T00:00:00Z${query}${next && `&cursor=${next}`}`)).body;
                all.push(...page.items.map((o) => o.started_at.slice(0, 10)));
                next = page.next;
            }
            return all;
        };
        const wanted = ['2023-06-06', '2023-06-04', '2023-06-02', '2023-06-01', '2023-05-01'];
        assert.deepEqual(await told(''), wanted);
        for (const limit of [1, 2, 3]) {
            assert.deepEqual(await told(`&limit=${limit}`), wanted, `in pages of ${limit}`);
        }
    });

    test('the list by place tells an analyst what the collections tell', async () => {
        const count = async (role, bbox) => (await text(`/v1/outages?bbox=${bbox}`, role)).body.items.length;
        assert.equal(await count('operator', '-140.6,35.2,-140.4,35.3'), 50);
        assert.equal(await count('analyst', '-140.6,35.2,-140.4,35.3'), 0, 'the home is alone in its cell');
        const { items } = (await text('/v1/outages?state=open', 'analyst')).body;
        assert.ok(items.some((o) => o.city?.startsWith('=HYPER') && o.longitude === null && o.premise_id === null));
    });

    test('GeoJSON and FlatGeobuf have the same rows, read by GDAL', async () => {
        const response = await fetch(`${api().url}/v1/outages.fgb?${box}`, { headers: { connection: 'close', authorization: `Bearer ${api().tokens.operator}` } });
        assert.equal(response.headers.get('content-type'), 'application/flatgeobuf');
        const fgb = Buffer.from(await response.arrayBuffer());
        const { body } = await text(`/v1/outages.geojson?${box}`);
        assert.equal(body.features.length, 2600);
        const folder = await mkdtemp(path.join(tmpdir(), 'export-'));
        try {
            const file = path.join(folder, 'outages.fgb');
            await writeFile(file, fgb);
            const { stdout } = await run('ogr2ogr', ['-f', 'GeoJSON', '/vsistdout/', file], { maxBuffer: 64 << 20 });
            const read = JSON.parse(stdout.replaceAll(/: NaN/g, ': null')).features;
            assert.equal(read.length, 2600);
            const by = Object.fromEntries(body.features.map((f) => [f.id, f]));
            for (const f of read) {
                const { id, ...properties } = f.properties;
                for (const [name, value] of Object.entries(properties)) {
                    assert.equal(value === '' || Number.isNaN(value) ? null : value, by[id].properties[name], `${name} of ${id}`);
                }
                assert.deepEqual(f.geometry.coordinates, by[id].geometry.coordinates);
            }
        } finally {
            await rm(folder, { recursive: true });
        }
        const none = await fetch(`${api().url}/v1/outage-events.fgb?bbox=10,10,11,11`, { headers: { connection: 'close', authorization: `Bearer ${api().tokens.analyst}` } });
        assert.equal(none.status, 200);
        await none.arrayBuffer();
        for (const target of ['/v1/outages.fgb?state=open', '/v1/outage-events.fgb', '/v1/outage-events.csv']) {
            await text(target, 'analyst');
        }
        await text('/v1/outage-events.geojson?circuit_id=EX001', 'analyst');
    });

    test('what is written meanwhile is not in it', async () => {
        const response = await fetch(`${api().url}/v1/outages.csv?${box}`, { headers: { connection: 'close', authorization: `Bearer ${api().tokens.operator}` } });
        const reader = response.body.getReader();
        let got = (await reader.read()).value.length;
        await api().exec(`insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, start_quality, derived_at)
            select 680001, 9999, premise_id, now(), now(), 2, now() from programme.premise where code = 'EX-1'`);
        let rest = '';
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
            rest += Buffer.from(piece.value).toString();
            got += piece.value.length;
        }
        assert.ok(got > 100_000);
        const last = await api().exec("select max(outage_id) from outage.outage where device_id = 680001");
        assert.ok(!rest.includes(`\n${last},`), 'the snapshot is of the beginning');
        assert.ok((await text(`/v1/outages.csv?${box}`)).text.includes(`\n${last},`));
        await api().exec('delete from outage.outage where device_id = 680001 and lost_seq = 9999');
    });

    test('ODIN\'s fields, for staff and for analysts', async () => {
        const staff = (await text('/v1/odin-outages?circuit_id=EX001')).body.PubOutages;
        assert.deepEqual(staff.map((o) => [o.statusKind, o.metersAffected, o.originalMetersAffected, o.originalCustomersServed, o.customersRestored]),
            [['restored', 0, 12, 20, 12], ['active', 2, 2, 2, 0], ['partiallyRestored', 3, 12, 20, 9]]);
        assert.deepEqual(staff[0].actualPeriod, { start: '2024-05-01T00:00:00.000Z', end: '2024-05-01T02:00:00.000Z' });
        assert.deepEqual(staff[0].OutageArea, { areaKind: 'circuit', element: 'EX001', circuit: 'EX001', metersServed: 20, location: { type: 'Point', coordinates: [-140.5012, 35.2512] } });
        assert.equal(new Set(staff.map((o) => o.mRID)).size, 3);
        assert.deepEqual((await text('/v1/odin-outages?circuit_id=EX001&state=open')).body.PubOutages.map((o) => o.mRID), staff.slice(1).map((o) => o.mRID), 'the same event has the same name');
        const told = (await text('/v1/odin-outages?circuit_id=EX001', 'analyst')).body.PubOutages;
        assert.deepEqual([told[1].metersAffected, told[1].originalMetersAffected, told[1].communityDescriptor, told[1].OutageArea.location, told[1].OutageArea.circuit], [null, null, null, null, 'EX001']);
        assert.deepEqual(told[0].OutageArea.location.coordinates, [-140.5, 35.25]);
        const schema = { $ref: '#/components/schemas/OdinOutage' };
        assert.notDeepEqual(problems({ ...staff[0], mRID: undefined, extra: 1 }, schema, api().document), [], 'the schema refuses another shape');
    });

    test('no more than four at one time', async () => {
        const open = await Promise.all(Array.from({ length: 7 }, () => fetch(`${api().url}/v1/outages.geojson?device=EXPORT-1`, { headers: { connection: 'close', authorization: `Bearer ${api().tokens.operator}` } })));
        const statuses = open.map((r) => r.status);
        assert.ok(statuses.every((s) => s === 200 || s === 503), statuses.join());
        await Promise.all(open.map((r) => r.body.cancel()));
        await until('those that went away have made room', async () => (await text('/v1/outages.csv?device=EXPORT-1')).status === 200);
    });
}
