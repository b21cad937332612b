// bptmctl import: all or nothing, and the message names row, column and value.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('lists');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
});
after(() => ctl?.destroy());

const count = (table) => ctl.value(`(select count(*) from ${table})`);
/** A file of the folder data/, where the stack's user can read it; its path. */
const sample = async (name) => ctl.file(name, await readFile(new URL(`data/${name}`, import.meta.url)));

test('a file that is not there, and a folder, are said to be so', async () => {
    assert.match((await ctl.run('import', 'generators', '/nowhere.csv', '--source', 'x')).stderr, /nowhere\.csv: No such file/);
    assert.match((await ctl.run('import', 'generators', ctl.files, '--source', 'x')).stderr, /not a file of at most 32 MiB/);
});

// -- zones --------------------------------------------------------------------------------------

const square = (x, y, size = 1) => [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]];
const collection = (...features) => ({ type: 'FeatureCollection', features });
const feature = (name, rings, extra = {}) => ({ type: 'Feature', properties: { name, ...extra }, geometry: { type: 'Polygon', coordinates: rings } });
const importZones = async (value, layer = 'test') =>
    ctl.run('import', 'zones', await ctl.file('zones.geojson', typeof value === 'string' ? value : JSON.stringify(value)), '--layer', layer, '--source', 'drawn');

test('the sample layer keeps its holes and tiers, and a second import is the active version', async () => {
    assert.match((await ctl.run('import', 'zones', await sample('zones.geojson'), '--layer', 'hftd', '--source', 'synthetic')).stdout,
        /^version 1, 2 areas, 4332\.\d km2, a draft\n$/);
    assert.match((await ctl.run('import', 'zones', await sample('zones.geojson'), '--layer', 'hftd', '--source', 'synthetic')).stdout, /^version 2/);
    for (const number of ['1', '2']) {
        assert.equal((await ctl.run('zones', 'publish', 'hftd', '--number', number, '--yes')).code, 0);
    }
    assert.deepEqual(await ctl.sql(`select z.tier, st_numinteriorrings(st_geometryn(z.geom, 1)) as holes, st_numgeometries(z.geom) as parts
        from programme.zone z join programme.zone_layer l using (zone_layer_id) where l.active and l.code = 'hftd' order by 1`),
    [{ tier: 2, holes: 2, parts: 2 }, { tier: 3, holes: 0, parts: 2 }]);
});

test('coordinates are kept to the last digit', async () => {
    const x = -120.12345678901234;
    assert.equal((await importZones(collection(feature('exact', [square(x, 38)])), 'exact')).code, 0);
    assert.equal(await ctl.value('(select st_xmin(geom) from programme.zone where name = \'exact\')'), x);
});

const bowtie = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]];
const badZones = [
    ['an area that crosses itself', collection(feature('fine', [square(0, 0)]), feature('bow tie', [bowtie])), /feature 2 'bow tie': Self-intersection/],
    ['a hole outside', collection(feature('hole', [square(0, 0), square(5, 5)])), /feature 1 'hole': Hole lies outside shell/],
    ['metres', collection(feature('far', [square(100000, 200000)])), /feature 1 'far': is not in longitude and latitude/],
    ['a point', collection({ type: 'Feature', properties: { name: 'p' }, geometry: { type: 'Point', coordinates: [0, 0] } }), /feature 1: geometry must be a Polygon or MultiPolygon, not 'Point'/],
    ['no geometry', collection({ type: 'Feature', properties: { name: 'p' }, geometry: null }), /feature 1: geometry must be/],
    ['an empty area', collection(feature('none', [])), /feature 1 'none': is empty/],
    ['no name', collection({ ...feature('x', [square(0, 0)]), properties: {} }), /feature 1: has no text in properties 'name'/],
    ['a tier in words', collection(feature('x', [square(0, 0)], { tier: 'two' })), /feature 1: must be a whole number: properties 'tier'/],
    ['no features', collection(), /is not a FeatureCollection with features/],
    ['a single feature', feature('x', [square(0, 0)]), /is not a FeatureCollection/],
    ['a ring that is open', collection(feature('open', [square(0, 0).slice(0, 4)])), /feature 1 'open': /],
    ['coordinates that are words', collection(feature('words', [[['a', 'b']]])), /feature 1 'words': /],
    ['a member twice', '{"type": "FeatureCollection", "type": "FeatureCollection", "features": []}', /line 1: duplicate object key/],
    ['no JSON', '{', /line 1: /],
];
for (const [what, value, message] of badZones) {
    test(`zones: ${what} is refused`, async () => {
        const { code, stderr } = await importZones(value, 'exact');
        assert.equal(code, 1);
        assert.match(stderr, message);
    });
}

test('zones: nothing of what was refused is stored, and the active layer stays', async () => {
    assert.deepEqual(await ctl.sql('select code, version, active from programme.zone_layer order by 1, 2'), [
        { code: 'exact', version: 1, active: false }, { code: 'hftd', version: 1, active: false }, { code: 'hftd', version: 2, active: true }]);
    assert.equal(await count('programme.zone'), 1 + 2 + 2);
});

test('zones: a bad layer code is refused', async () => {
    const { code, stderr } = await importZones(collection(feature('a', [square(0, 0)])), 'Bad Code');
    assert.equal(code, 1);
    assert.match(stderr, /layer 'Bad Code': not \[a-z0-9-\]/);
});

// -- devices ------------------------------------------------------------------------------------

const deviceHeader = 'serial,public_key,model,hardware_revision';
const key = (n) => createHash('sha256').update(`key ${n}`).digest('hex');
const importDevices = async (...rows) => ctl.run('import', 'devices', await ctl.file('manifest.csv', [deviceHeader, ...rows].join('\n') + '\n'));
const sha256 = (...parts) => { const h = createHash('sha256'); parts.forEach((p) => h.update(p)); return h.digest(); };

test('a manifest registers devices with bucket, key and the start of their chain', async () => {
    assert.equal((await importDevices(`T-0001,${key(1)},BPTM-REF-30,A`, `T-0002,${key(2).toUpperCase()},BPTM-REF-30S,B`)).stdout, '2 rows, 2 changes\n');
    const [row] = await ctl.sql(`select d.serial, d.model, d.hardware_revision, d.bucket, d.state, encode(k.public_key, 'hex') as key,
        encode(k.kid, 'hex') as kid, encode(h.head_hash, 'hex') as head, h.head_seq, h.stored, s.device_id = d.device_id as same
        from fleet.device d join fleet.device_key k using (device_id) join fleet.journal_head h using (device_id)
        join fleet.device_serial s on s.serial = d.serial where d.serial = 'T-0002'`);
    const raw = Buffer.from(key(2), 'hex');
    assert.deepEqual(row, {
        serial: 'T-0002', model: 'BPTM-REF-30S', hardware_revision: 'B', bucket: sha256('T-0002').readUInt16BE(0) % 1024, state: 'registered',
        key: key(2), kid: sha256(raw).subarray(0, 8).toString('hex'), head: sha256('bptm/1/chain/', 'T-0002', raw).toString('hex'),
        head_seq: 0, stored: 0, same: true,
    });
});

test('the same manifest again changes nothing; one more device is one change', async () => {
    assert.equal((await importDevices(`T-0001,${key(1)},BPTM-REF-30,A`, `T-0002,${key(2)},BPTM-REF-30S,B`)).stdout, '2 rows, 0 changes\n');
    assert.equal((await importDevices(`T-0001,${key(1)},BPTM-REF-30,A`, `T-0003,${key(3)},BPTM-REF-30,A`)).stdout, '2 rows, 1 changes\n');
    assert.deepEqual(await ctl.sql('select object_id from access.audit where action = \'device.register\' order by audit_id'),
        ['T-0001', 'T-0002', 'T-0003'].map((object_id) => ({ object_id })));
});

test('two imports of one manifest at once register each device once', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => `T-5${String(n).padStart(3, '0')},${key(500 + n)},BPTM-REF-30,A`);
    const file = await ctl.file('race.csv', [deviceHeader, ...rows].join('\n') + '\n');
    const results = await Promise.all([1, 2].map(() => ctl.run('import', 'devices', file)));
    assert.deepEqual(results.map((r) => r.code), [0, 0], results.map((r) => r.stderr).join());
    assert.deepEqual(results.map((r) => r.stdout).sort(), ['40 rows, 0 changes\n', '40 rows, 40 changes\n']);
});

const badDevices = [
    ['another key', `T-0001,${key(9)},BPTM-REF-30,A`, /row 3, column serial, value 'T-0001': is registered with another key, model or revision/],
    ['another model', `T-0001,${key(1)},BPTM-REF-30S,A`, /is registered with another/],
    ['another revision', `T-0001,${key(1)},BPTM-REF-30,B`, /is registered with another/],
    ['a serial in small letters', `t-0009,${key(9)},BPTM-REF-30,A`, /row 3, column serial, value 't-0009': not a serial number/],
    ['a serial that is too short', `T1,${key(9)},BPTM-REF-30,A`, /row 3, column serial, value 'T1': must be 3\.\.24 bytes/],
    ['an unknown model', `T-0009,${key(9)},NONE,A`, /row 3, column serial, value 'T-0009': not a serial number, or the model is not known/],
    ['a short key', `T-0009,${key(9).slice(2)},BPTM-REF-30,A`, /row 3, column public_key, value '[0-9a-f]{62}': must be 64 hex digits/],
    ['a key with another letter', `T-0009,${key(9).slice(0, 63)}g,BPTM-REF-30,A`, /must be 64 hex digits/],
];
for (const [what, row, message] of badDevices) {
    test(`devices: ${what} is refused with the whole manifest`, async () => {
        const { code, stderr } = await importDevices(`T-0008,${key(8)},BPTM-REF-30,A`, row);
        assert.equal(code, 1);
        assert.match(stderr, message);
    });
}

const deliver = async (options, ...rows) => ctl.run('import', 'deliveries', await ctl.file('delivery.csv', ['serial,warehouse', ...rows].join('\n') + '\n'), ...options);

test('a delivery is received in its warehouses, as a whole and once', async () => {
    assert.match((await deliver([], 'T-0001,Depot East', 'T-0099,Depot East')).stderr, /row 3, column serial, value 'T-0099': is not registered/);
    assert.equal(await count('programme.custody'), 0);
    assert.equal((await deliver(['--reason', 'delivery 17'], 'T-0001,Depot East', 'T-0002,Depot West')).stdout, '2 rows, 2 changes\n');
    assert.equal((await deliver([], 'T-0001,Depot East', 'T-0002,Depot West', 'T-0003,Depot West')).stdout, '3 rows, 1 changes\n');
    assert.match((await deliver([], 'T-0001,Depot West')).stderr, /value 'T-0001': A device whose state is warehouse does not have the action receive\./);
    assert.deepEqual(await ctl.sql(`select d.serial, c.state, c.holder, c.reason, c.role from programme.custody c join fleet.device d using (device_id) order by 1`), [
        { serial: 'T-0001', state: 'warehouse', holder: 'Depot East', reason: 'delivery 17', role: 'operator' },
        { serial: 'T-0002', state: 'warehouse', holder: 'Depot West', reason: 'delivery 17', role: 'operator' },
        { serial: 'T-0003', state: 'warehouse', holder: 'Depot West', reason: null, role: 'operator' }]);
    assert.equal((await ctl.sql("select 1 from access.audit where action = 'custody.receive'")).length, 3);
});

test('devices: nothing of what was refused is stored', async () => {
    assert.deepEqual([await count('fleet.device'), await count('fleet.device_serial'), await count('fleet.device_key'), await count('fleet.journal_head')],
        [43, 43, 43, 43]);
});
