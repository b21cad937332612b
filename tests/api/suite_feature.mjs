// OGC API - Features, as GDAL reads it and as the standard asks.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const collections = ['outages', 'outage-events', 'zones', 'devices', 'premises'];
const mayRead = { operator: collections, enrolment: ['zones', 'premises'], installer: ['zones', 'premises'], analyst: collections.slice(0, 4) };

/** What SQL says that each collection has. */
const counted = {
    outages: 'select count(*) from outage.outage',
    'outage-events': 'select count(*) from outage.event',
    zones: 'select count(*) from programme.zone join programme.zone_layer using (zone_layer_id) where active',
    devices: 'select count(*) from fleet.device',
    premises: 'select count(*) from programme.premise',
};

/** Six homes of one cell of the grid and one home alone, each with a meter and 60 outages, an event of six and one of one. */
const story = `
    do $$
    declare l record;
    begin
      insert into programme.circuit (circuit_id, name) values ('FT001', 'Feature one');
      for l in select n, 'FT-' || n as code, 670000 + n as d from generate_series(1, 7) n loop
        insert into programme.premise (code, address, city, postal_code, geom)
        values (l.code, 'Road 1', 'Featureton', '1', st_setsrid(st_point(-130.001 + l.n * 0.0001 + case when l.n = 7 then 1 else 0 end, 41.0012), 4326));
        insert into programme.premise_circuit select premise_id, 'FT001', '2020-01-01' from programme.premise where code = l.code;
        insert into fleet.device values (l.d, 'FEATURE-' || l.n, (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
        insert into fleet.assignment (device_id, premise_id, assigned_from) select l.d, premise_id, '2025-01-01Z' from programme.premise where code = l.code;
        insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, circuit_id, derived_at)
        select l.d, k, p.premise_id, t, t, t + interval '10 minutes', 'restored', 2, 'FT001', now()
        from programme.premise p, generate_series(1, 60) k, lateral (select timestamptz '2025-02-01Z' + k * interval '1 hour' as t) x where p.code = l.code;
      end loop;
      insert into outage.event (kind, level, element, circuit_id, started_at, ended_at, customers, dark, served, lit, confidence, momentary, revised_at, centre)
      select 'outage', 'circuit', 'FT001', 'FT001', t, t + interval '10 minutes', n, 0, 7, 0, 0.9, false, now(), st_setsrid(st_point(-130.0006, 41.0012), 4326)
      from (values (6, timestamptz '2025-02-01 01:00Z'), (1, '2025-02-02Z')) v(n, t);
    end $$`;

export function features(api) {
    const page = (target, role = 'operator') => api().expect(200, 'GET', target, { role });
    const sql = async (query) => Number(await api().exec(query));
    /** GDAL at the landing page, signed in as QGIS signs in: Basic, the token as password. */
    const gdal = (role) => ['-oo', `USERPWD=any:${api().tokens[role]}`, `OAPIF:${api().url}`];

    test('GDAL reads every page of every collection', async () => {
        await api().exec(story);
        for (const [role, names] of Object.entries(mayRead)) {
            const { stdout } = await run('ogrinfo', ['-ro', ...gdal(role)]);
            assert.deepEqual([...stdout.matchAll(/^\d+: ([\w-]+)/gm)].map(([, name]) => name).sort(), [...names].sort(), role);
            for (const name of names) {
                const { stdout: text } = await run('ogr2ogr', ['-f', 'GeoJSON', '-oo', 'PAGE_SIZE=50', ...gdal(role).slice(0, 2), '/vsistdout/', gdal(role)[2], name], { maxBuffer: 64 << 20 });
                const read = JSON.parse(text).features;
                const wanted = await sql(counted[name]);
                assert.equal(read.length, wanted, `${role} ${name}`);
                if (role !== 'analyst') { // to whom homes look alike
                    assert.equal(new Set(read.map((f) => JSON.stringify([f.properties, f.geometry]))).size, wanted, `${role} ${name}: each once`);
                }
                assert.equal((await page(`/collections/${name}/items?limit=1`, role)).numberMatched, wanted);
            }
        }
        assert.ok(await sql(counted.outages) > 400, 'more than one page');
    });

    test('ogrinfo counts with a filter by place as SQL does', async () => {
        const box = ['-131', '40', '-129.5', '42'];
        const { stdout } = await run('ogrinfo', ['-ro', '-so', '-spat', ...box, ...gdal('operator'), 'outages']);
        assert.match(stdout, /Feature Count: 360/);
        assert.match(stdout, /Geometry: Point/);
    });

    test('landing page, conformance, collections: what a client follows', async () => {
        const follow = (document, rel) => document.links.find((l) => l.rel === rel).href;
        const landing = await api().expect(200, 'GET', '/');
        for (const rel of ['self', 'service-desc', 'conformance', 'data']) {
            assert.ok(follow(landing, rel).startsWith(`${api().url}/`), rel);
        }
        const conformance = await api().expect(200, 'GET', new URL(follow(landing, 'conformance')).pathname);
        assert.deepEqual(conformance.conformsTo.map((c) => c.split('/').at(-1)), ['core', 'geojson']);
        const { paths } = await api().expect(200, 'GET', new URL(follow(landing, 'service-desc')).pathname);
        assert.equal((await page(new URL(follow(landing, 'data')).pathname, 'admin')).collections.length, collections.length);
        for (const name of collections) {
            assert.ok(paths[`/collections/${name}/items`], name);
            const one = await page(`/collections/${name}`, 'admin');
            assert.equal(follow(one, 'items'), `${api().url}/collections/${name}/items`);
        }
        await api().expect(404, 'GET', '/collections/nothing', { role: 'admin' });
        await api().expect(404, 'GET', '/collections/premises', { role: 'analyst' });
    });

    test('pages are followed by absolute links, and say how many there are', async () => {
        const wanted = await sql(counted.outages);
        let target = '/collections/outages/items?datetime=2020-01-01T00%3A00%3A00Z%2F..&limit=150', seen = [];
        for (let next = `${api().url}${target}`; next;) {
            assert.ok(next.startsWith(api().url));
            target = next.slice(api().url.length);
            const answer = await api().call('GET', target, { role: 'operator' });
            const { links, features: list, numberMatched, numberReturned } = answer.body;
            assert.equal(numberMatched, wanted);
            assert.equal(numberReturned, list.length);
            assert.equal(links.find((l) => l.rel === 'self').href, next);
            next = links.find((l) => l.rel === 'next')?.href;
            assert.equal(/rel="next"/.test(answer.headers.get('link') ?? ''), Boolean(next));
            seen = seen.concat(list.map((f) => f.id));
        }
        assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
        assert.equal(new Set(seen).size, wanted);
        assert.equal((await page('/collections/outages/items?limit=5000')).numberReturned, Math.min(wanted, 1000), 'a larger limit is no mistake');
    });

    test('by place and time, ends included and open', async () => {
        const count = async (name, query) => (await page(`/collections/${name}/items?limit=1&bbox=-131,40,-128,42${query}`)).numberMatched;
        assert.equal(await count('outages', ''), 420);
        assert.equal(await count('outages', '&datetime=2025-02-01T01:10:00Z'), 7, 'the end of one is within it');
        assert.equal(await count('outages', '&datetime=2025-02-01T01:10:01Z'), 0);
        assert.equal(await count('outages', '&datetime=2025-02-01T01:00:00Z/2025-02-01T02:00:00Z'), 14);
        assert.equal(await count('outages', '&datetime=../2025-02-01T01:30:00Z'), 7);
        assert.equal(await count('outages', '&datetime=/2025-02-01T01:30:00Z'), 7);
        assert.equal(await count('outages', '&datetime=2025-02-03T12:00:00Z/'), 7);
        assert.equal(await count('devices', '&datetime=1999-01-01T00:00:00Z'), 7, 'what has no time always fits');
        const box = async (bbox) => (await page(`/collections/premises/items?limit=1&bbox=${bbox}`)).numberMatched;
        assert.equal(await box('-131,40,-100,-128,42,900'), 7, 'heights are passed over');
        const eastward = await sql("select count(*) from programme.premise where st_x(geom) < -128 or st_x(geom) > 170");
        assert.equal(await box('170,-90,-128,90'), eastward, 'over the antimeridian');
        for (const bad of ['bbox=1,2,3', 'bbox=1,3,2,2', 'bbox=a,b,c,d', 'bbox=1,2,3,4,5', 'datetime=yesterday', 'datetime=..', 'datetime=../..',
            'datetime=2025-02-01T00:00:00Z/2025-01-01T00:00:00Z', 'datetime=2025-02-01', 'datetime=1/2/3', 'limit=0', 'f=json', 'LIMIT=1']) {
            const { errors } = await api().expect(400, 'GET', `/collections/outages/items?${bad}`, { role: 'operator' });
            assert.equal(errors[0].parameter, bad.split('=')[0], bad);
        }
    });

    test('one feature, with every property', async () => {
        for (const name of collections) {
            const { features: [some] } = await page(`/collections/${name}/items?limit=1`);
            assert.equal((await page(`/collections/${name}/items/${some.id}`)).id, some.id, name);
        }
        const { features: [first] } = await page('/collections/outages/items?limit=1');
        const one = await page(`/collections/outages/items/${first.id}`);
        assert.deepEqual({ ...first, links: one.links }, one);
        assert.equal(one.links[0].href, `${api().url}/collections/outages/items/${first.id}`);
        const open = { role: 'operator', headers: { authorization: `Basic ${Buffer.from(`x:${api().tokens.operator}`).toString('base64')}` } };
        assert.equal((await api().call('GET', `/collections/outages/items/${first.id}`, open)).status, 200);
    });

    test('an analyst is told no home, no serial number, and no place that one home gives away', async () => {
        const all = async (name, role) => (await page(`/collections/${name}/items?limit=1000`, role)).features;
        for (const name of ['outages', 'devices']) {
            const told = await all(name, 'analyst');
            for (const { geometry, properties } of told) {
                assert.equal(properties.premise_id, null);
                assert.equal(properties.device ?? properties.serial ?? null, null);
                if (geometry) {
                    assert.deepEqual(geometry.coordinates.map((c) => Number(c.toFixed(2))), geometry.coordinates);
                }
            }
            const mine = told.filter((f) => f.properties.city === 'Featureton');
            const places = new Set(mine.map((f) => JSON.stringify(f.geometry?.coordinates ?? null)));
            assert.deepEqual([...places].sort(), ['[-130,41]', 'null'], 'the home that is alone in its cell has no place');
            assert.ok((await all(name, 'operator')).some((f) => f.geometry?.coordinates[1] === 41.0012));
        }
        const events = (await all('outage-events', 'analyst')).filter((f) => f.properties.circuit_id === 'FT001');
        assert.deepEqual(events.map((f) => [f.properties.customers, f.properties.element, f.geometry?.coordinates]), [[6, 'FT001', [-130, 41]], [null, null, undefined]]);
        const near = (role, bbox) => page(`/collections/outages/items?limit=1&bbox=${bbox}`, role).then((a) => a.numberMatched);
        assert.equal(await near('operator', '-129.0004,41.001,-129.0002,41.002'), 60);
        assert.equal(await near('analyst', '-129.0004,41.001,-129.0002,41.002'), 0, 'nor is it found by asking');
        assert.equal(await near('analyst', '-130.0006,41.001,-130.0001,41.002'), 0);
        assert.equal(await near('analyst', '-130.001,40.999,-129.999,41.001'), 360, 'found where it is said to be');
    });
}
