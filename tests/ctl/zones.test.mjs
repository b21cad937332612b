// bptmctl import zones, zones publish: any format and coordinate system, hostile files, drafts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Ctl } from './ctl.mjs';

let ctl;
before(async () => {
    ctl = await Ctl.create();
    await ctl.use('zones');
    await ctl.run('db', 'upgrade');
    await ctl.run('seed');
});
after(() => ctl?.destroy());

const square = (x, y, size) => [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]];
const hole = (x, y, size) => square(x, y, size).reverse();
const feature = (name, rings, properties = {}) => ({ type: 'Feature', properties: { name, ...properties }, geometry: { type: 'Polygon', coordinates: rings } });
const collection = (epsg, ...features) => ({ type: 'FeatureCollection',
    ...(epsg && { crs: { type: 'name', properties: { name: `urn:ogc:def:crs:EPSG::${epsg}` } } }), features });
// 10 km by 10 km with a hole of 2 km by 2 km, in metres of California Albers: 96 km2
const district = feature('district', [square(0, 0, 10_000), hole(3000, 3000, 2000)], { tier: 2, HFTD: 'D 1', level: 3 });
const esri = (rings, reference = { wkid: 3310 }) => ({ geometryType: 'esriGeometryPolygon', ...(reference && { spatialReference: reference }),
    fields: [{ name: 'name', type: 'esriFieldTypeString' }, { name: 'tier', type: 'esriFieldTypeInteger' }], features: [{ attributes: { name: 'district', tier: 2 }, geometry: { rings } }] });

const write = (name, value) => ctl.file(name, typeof value === 'string' ? value : JSON.stringify(value));
const load = (file, layer, ...options) => ctl.run('import', 'zones', file, '--layer', layer, '--source', 'drawn', ...options);
const shapes = async (name, value) => {
    const folder = path.join(ctl.files, `${name}.shapes`);
    execFileSync('ogr2ogr', ['-f', 'ESRI Shapefile', '-lco', 'ENCODING=UTF-8', folder, await write(`${name}.json`, value), '-nln', name]);
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    return path.join(folder, `${name}.shp`);
};
const stored = (layer) => ctl.sql(`select z.name, z.tier, public.st_numinteriorrings(public.st_geometryn(z.geom, 1)) as holes, public.st_npoints(z.geom) as points,
    round((public.st_area(public.st_transform(z.geom, 3310)) / 1e6)::numeric, 3) as km2 from programme.zone z join programme.zone_layer l using (zone_layer_id)
    where l.code = '${layer}' and l.version = (select max(version) from programme.zone_layer where code = '${layer}')`);
const kept = [{ name: 'district', tier: 2, holes: 1, points: 10, km2: 96 }];

test('GeoJSON, Esri JSON and a Shapefile in another coordinate system are the same areas, with their holes', async () => {
    const files = [await write('albers.geojson', collection(3310, district)),
        await write('esri.json', esri([square(0, 0, 10_000).reverse(), square(3000, 3000, 2000)])), await shapes('albers', collection(3310, district))];
    for (const [n, file] of files.entries()) {
        const { code, stdout, stderr } = await load(file, `same-${n}`, '--area', '96');
        assert.deepEqual([code, stdout], [0, 'version 1, 1 areas, 96.0 km2, a draft\n'], stderr);
        assert.deepEqual(await stored(`same-${n}`), kept);
    }
    assert.deepEqual((await readdir('/var/tmp')).filter((name) => /^bptm-[A-Za-z0-9]{6}$/.test(name)), [], 'no folder is left behind');
});

test('nothing is simplified: every vertex of a long coast is there', async () => {
    const coast = Array.from({ length: 3000 }, (_, k) => [k * 3.25, 5000 + 40 * Math.sin(k)]);
    await load(await write('coast.geojson', collection(3310, feature('coast', [[[0, 0], [9800, 0], ...coast.reverse(), [0, 0]]]))), 'coast');
    assert.equal((await stored('coast'))[0].points, 3003);
});

test('a layer is a draft until it is published; versions go on, and an older one may come back', async () => {
    const state = () => ctl.sql("select version, state, active from programme.zone_layer where code = 'same-0' order by 1");
    await load(await write('albers.geojson', collection(3310, district)), 'same-0');
    assert.deepEqual(await state(), [{ version: 1, state: 'draft', active: false }, { version: 2, state: 'draft', active: false }]);
    for (const number of ['2', '1']) {
        assert.equal((await ctl.run('zones', 'publish', 'same-0', '--number', number, '--yes')).code, 0);
    }
    assert.deepEqual(await state(), [{ version: 1, state: 'published', active: true }, { version: 2, state: 'published', active: false }]);
    assert.match((await ctl.run('zones', 'publish', 'same-0', '--number', '1', '--yes')).stderr, /version 1 of layer 'same-0': It names nothing that is not in force/);
    assert.match((await ctl.run('zones', 'publish', 'same-0', '--number', '7', '--yes')).stderr, /same-0 7: is not there/);
    assert.equal(await ctl.value("(select count(*) from access.audit where action = 'zone_layer.publish')"), 2);
});

test('other names of name and tier', async () => {
    const { stdout, stderr } = await load(await write('names.geojson', collection(3310, district)), 'names', '--name', 'HFTD', '--tier', 'level');
    assert.match(stdout, /^version 1, 1 areas/, stderr);
    assert.deepEqual((await stored('names')).map((z) => [z.name, z.tier]), [['D 1', 3]]);
});

test('a Shapefile without .prj takes --crs; without that it is refused', async () => {
    const file = await shapes('bare', collection(3310, district));
    await rm(file.replace(/shp$/, 'prj'));
    assert.match((await load(file, 'bare')).stderr, /bare\.shp: does not say which coordinate system it has: give --crs/);
    assert.match((await load(file, 'bare', '--crs', 'EPSG:3310', '--area', '96')).stdout, /^version 1, 1 areas, 96\.0 km2/);
    assert.match((await load(file, 'bare', '--crs', '/vsicurl/http://127.0.0.1/x')).stderr, /a coordinate system must be named like EPSG:3310, not \/vsicurl/);
    assert.match((await load(file, 'bare', '--crs', 'EPSG:9999999')).stderr, /bare\.shp: .*failed to load SRS definition from EPSG:9999999/);
});

test('the extent of the utility is kept with the layer, and holds for its next version', async () => {
    const file = await write('albers.geojson', collection(3310, district));
    const away = await write('away.geojson', collection(3310, feature('away', [square(300_000, -500_000, 1000)])));
    assert.equal((await load(file, 'extent', '--extent', '-121,37,-119,39')).code, 0);
    assert.match((await load(away, 'extent')).stderr, /feature 1 'away': lies outside the extent of the utility \(-121 37,-119 39\)/);
    assert.equal((await load(away, 'extent', '--extent', '-125,32,-114,43')).code, 0);
    for (const extent of ['1,2,3', '3,2,1,4', '-181,0,1,1', '1,2,3,4,5', 'a,b,c,d']) {
        assert.equal((await load(file, 'extent', '--extent', extent)).code, 2, extent);
    }
});

const bowtie = [[0, 0], [1000, 1000], [1000, 0], [0, 1000], [0, 0]];
const utm = [square(650_000, 4_300_000, 10_000)]; // metres of zone 10 north
const hostile = [
    ['crosses itself', collection(3310, district, feature('bow tie', [bowtie])), /feature 2 'bow tie': Self-intersection/],
    ['empty', collection(3310, district, feature('none', [])), /feature 2( 'none')?: (is empty|geometry must be)/],
    ['without a geometry', collection(3310, { ...feature('none', []), geometry: null }), /feature 1: geometry must be/],
    ['a point', collection(3310, { ...feature('p', []), geometry: { type: 'Point', coordinates: [0, 0] } }), /feature 1: geometry must be a Polygon or MultiPolygon, not 'Point'/],
    ['coordinates of another system than it says', collection(3310, feature('moved', utm)), /feature 0, counted from 0: lies where its coordinate system is not used/],
    ['nor where that system is used', collection(3310, feature('moved', [square(2_000_000, 300_000, 10_000)])), /feature 1 'moved': lies where its coordinate system is not used \(-124\.45 32\.53 to -114\.12 42\.01\)/],
    ['degrees where it says metres', collection(3310, feature('tiny', [square(-120, 38, 1)])), /the layer has 0\.000 km2, 96\.000 km2 were stated: more than 0\.1 % apart/],
    ['metres where it says degrees', collection(4269, feature('far', utm)), /(feature 1 'far': is not in longitude and latitude|reproject)/],
    ['larger than stated', collection(3310, feature('large', [square(0, 0, 10_000)])), /the layer has (99\.9\d\d|100\.\d\d\d) km2, 96\.000 km2 were stated/],
    ['huge', collection(3857, feature('world', [square(-2e7, -2e7, 4e7)])), /feature 1 'world': |the layer has/],
    ['an unknown system', collection(999999, district), /failed to load SRS definition from urn:ogc:def:crs:EPSG::999999/],
    ['a system that is a file', { ...collection(0, district), crs: { type: 'name', properties: { name: '/etc/passwd' } } }, /must be named like EPSG:3310, not \/etc\/passwd/],
    ['nested without end', '{"type":"FeatureCollection","features":' + '['.repeat(100_000), /line 1: maximum parsing depth/],
    ['Esri JSON without a system', esri([square(0, 0, 10_000).reverse()], null), /does not say which coordinate system/],
    ['Esri JSON that crosses itself', esri([bowtie.map(([x, y]) => [y, x])]), /feature 1 'district': Self-intersection/],
    ['Esri JSON cut short', JSON.stringify(esri([square(0, 0, 10_000)])).slice(0, -40), /hostile\.json: /],
    ['other text', 'name,tier\n', /is neither GeoJSON, Esri JSON nor a Shapefile/],
    ['no bytes', '', /is not a file of 1 byte to 256 MiB/],
];
for (const [what, value, message] of hostile) {
    test(`hostile: ${what}`, async () => {
        const { code, stderr } = await load(await write('hostile.json', value), 'hostile', '--area', '96');
        assert.equal(code, 1);
        assert.match(stderr, message);
    });
}

test('hostile: a Shapefile cut short, or alone, or one that is none', async () => {
    const file = await shapes('cut', collection(3310, district));
    const size = (await readFile(file)).length;
    await truncate(file, size - 60);
    assert.equal((await load(file, 'hostile')).code, 1);
    await rm(file.replace(/shp$/, 'dbf'));
    assert.match((await load(file, 'hostile')).stderr, /has no readable \.shx and \.dbf beside it/);
    assert.match((await load(await ctl.file('wrong.shp', 'text'), 'hostile')).stderr, /is neither GeoJSON/);
});

test('hostile: a file that is too large is not read', async () => {
    const file = await ctl.file('large.json', '{');
    await truncate(file, 256 * 1024 * 1024 + 1);
    assert.match((await load(file, 'hostile')).stderr, /is not a file of 1 byte to 256 MiB/);
});

test('of what was refused nothing is there', async () => {
    assert.deepEqual(await ctl.sql("select * from programme.zone_layer where code = 'hostile'"), []);
    assert.equal(await ctl.value('(select count(*) from programme.zone z where not exists (select from programme.zone_layer l where l.zone_layer_id = z.zone_layer_id))'), 0);
});
