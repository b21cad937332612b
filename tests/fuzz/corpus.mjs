// Writes the seeds of one fuzz target, out of api/vectors/: corpus.mjs TARGET FOLDER
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workbook, zip } from '../lib/xlsx.mjs';

const load = (name) =>
    JSON.parse(readFileSync(new URL(`../../api/vectors/${name}.json`, import.meta.url), 'utf8')).vectors;
const hex = (text) => Buffer.from(text, 'hex');
const refused = (...kinds) => load('refused').filter((v) => kinds.includes(v.as)).map((v) => hex(v.hex));
const all = (name, member) => load(name).map((v) => hex(v[member]));

// A header with the keys of the vectors, in the form of api/evidence.cddl; all times are 0.
function bundle() {
    const keys = Object.fromEntries(load('keys').map((v) => [v.name, v]));
    const text = (s) => Buffer.concat([Buffer.of(0x60 + s.length), Buffer.from(s)]);
    const pair = (v) => Buffer.concat([hex('48'), hex(v.kid), hex('5820'), hex(v.public_key)]);
    const item = (head, message) => Buffer.concat([
        hex(head), Buffer.of(0x59, message.length >> 8, message.length & 255), message]);
    return Buffer.concat([
        hex('a501'), text('bptm-evidence/1'), hex('02'), text(keys.chain.device),
        hex('038184'), pair(keys.device), hex('00f6'), hex('048182'), pair(keys.fleet), hex('0500'),
        ...load('batch').slice(2).map((v) => item('830100', hex(v.message))),
    ]);
}

const document = (type) => '<m:EventMessage xmlns:m="m"><m:Payload><EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#"><EndDeviceEvent><mRID>1</mRID>'
    + `<createdDateTime>2019-10-27T03:19:00.5-07:00</createdDateTime><reason>a &amp; b</reason><Assets><mRID>M</mRID><Names><name><![CDATA[N]]></name></Names></Assets>${type}`
    + '<UsagePoint><mRID>U</mRID><Names><name>S</name></Names></UsagePoint></EndDeviceEvent></EndDeviceEvents></m:Payload></m:EventMessage>';

// Requests as one may meet them: plain, and each with one thing that two readers could understand differently.
const head = (...lines) => Buffer.from(['POST /v1/premises?a=b HTTP/1.1', 'Host: localhost', ...lines].map((l) => `${l}\r\n`).join(''));
const heads = () => [
    head('Content-Type: application/json', 'Content-Length: 12'), head('Content-Length: 1', 'Content-Length: 1'),
    head('Transfer-Encoding: chunked', 'Content-Length: 4'), head('Transfer-Encoding: gzip, chunked'), head('Host: other'),
    head('X-A: one', ' two'), head('Content-Length : 5'), head('X-A: b\nX-B: c'), Buffer.from('GET /livez HTTP/1.0\r\n'),
];

const bodies = () => [
    { text: 'some text', word: 'two', hex: 'ab12', time: '2026-01-02T03:04:05Z', date: '2026-01-02', number: 7, real: -121.5, flag: true, map: { a: 'b' }, part: { inner: 'abc' } },
    { text: null, word: 'four', hex: 'x', time: '2026-13-02', date: '2026-02-30', number: 1e16, real: 181, flag: 'yes', map: { a: 1 }, part: { inner: 'A', other: 1 } },
    { text: 'a', unknown: [1, [2, [3]]] },
].map((body) => Buffer.from(JSON.stringify(body)));

const files = () => [
    'code;address\r\nSP-1;"one; ""two"""\r\n', 'code,address\nSP-1,Road\n\nSP-2,"a\nb"\n', '\ufeffcode\tcity\nA\tB', 'a|b\n"x"y|z\n',
].map((text) => Buffer.from(`\x03${text}`));

// What a provider sends: a signed token (its key is thrown away), claims, keys, a description, a path.
const tokens = () => {
    const claims = { iss: 'https://id.example', aud: ['api', 'x'], sub: 's', client_id: 'c', nonce: 'n', azp: 'api', iat: 1800000000, nbf: 1800000000, exp: 1800000300, realm: { roles: ['ops', 'desk'] }, roles: 'desk ops', crew: 'Crew 4' };
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const token = (head) => {
        const text = `${part(head)}.${part(claims)}`;
        return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
    };
    const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'b', use: 'sig', key_ops: ['verify'] }, { kty: 'RSA', e: 'AQAB', n: 'w'.repeat(342), alg: 'RS256' }, { kty: 'EC', crv: 'P-384', x: 'A'.repeat(64), y: 'A'.repeat(64) }, { kty: 'oct', k: 'AA' }] };
    const description = { issuer: 'https://id.example', jwks_uri: 'https://id.example/jwks', authorization_endpoint: 'https://id.example/auth', token_endpoint: 'https://id.example/token', id_token: 'a.b.c' };
    return [
        `\x00${token({ alg: 'EdDSA', kid: 'b', typ: 'at+jwt' })}`, `\x00${token({ alg: 'ES256', kid: 'a', typ: 'JWT' })}`, `\x00${part({ alg: 'none' })}.${part(claims)}.`,
        `\x01${JSON.stringify(claims)}`, `\x02${JSON.stringify(keys)}`, `\x03${JSON.stringify(description)}`, '\x04/realm/roles', '\x04/a~1b/~0',
    ].map((text) => Buffer.from(text));
};

const area = (properties, type = 'Polygon', coordinates = [[[-121, 38], [-120, 38], [-120, 39], [-121, 38]]]) => ({ type: 'Feature', properties, geometry: { type, coordinates } });
const maps = () => [
    { type: 'FeatureCollection', features: [area({ name: 'A', tier: 2 }), area({ name: 'B', tier: null }, 'MultiPolygon', [])] },
    { type: 'FeatureCollection', crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3310' } }, features: [] },
    { type: 'FeatureCollection', features: [area({ name: 7 }), area({ name: 'C', tier: 'x' }, 'Point', [0, 0])] },
].map((map) => Buffer.from(JSON.stringify(map)));

// A list to be made into a file. Its way back is found by the fuzzer, which keeps what it has made.
const list = {
    format: 'bptm-generators/1', version: 3, published: 1800000000000, signed: 1800000000001, source: 'list',
    findings: [{ code: 'G1', result: 'pass', sentence: 'It is known.' }],
    models: [{ make: 'M', model: 'X', aliases: ['Y'], verdict: 'conditional', grade: 'FULL', findings: [0], source_type: 'engine', fuels: ['gas'], running_w: [5000], neutral: 'bonded', valid_from: '2026-01-02', valid_to: '2027-01-02' }],
};
const lists = () => [Buffer.from(`\x01${JSON.stringify(list)}`), hex('00a701716270746d2d67656e657261746f72732f310203030004000560068007' + '80')];

const seeds = {
    xlsx: () => [zip(workbook([['a', 'b'], [1, 'c']])), zip({ 'xl/workbook.xml': 'x', 'xl/vbaProject.bin': '' }), zip({ 'xl/workbook.xml': 'x' }, (e) => ({ ...e, unpacked: 1 << 27 }))],
    geojson: maps,
    offline_list: lists,
    guard: heads,
    json: bodies,
    csv: files,
    token: tokens,
    batch: () => [...all('batch', 'message'), ...all('batch', 'payload'), ...refused('batch', 'message')],
    record: () => [...all('record', 'cbor'), ...refused('record', 'item')],
    receipt: () => [...all('receipt', 'message'), ...all('receipt', 'payload'), ...refused('receipt')],
    command: () => [...all('command', 'message'), ...all('command', 'payload'), ...refused('command')],
    status: () => [...all('status', 'payload'), ...all('link', 'payload'), ...refused('status', 'link')],
    topic: () => [...load('topic').map((v) => v.name), ...load('refused').flatMap((v) => v.topic ?? [])],
    evidence: () => [bundle()],
    end_device_events: () => [document('<EndDeviceEventType ref="3.26.0.47"/>'), document('<EndDeviceEventType><mRID>3.26.136.216</mRID></EndDeviceEventType>'), '<!DOCTYPE a [<!ENTITY b "c">]><EndDeviceEvents>&b;</EndDeviceEvents>'],
};

const [target, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
seeds[target]().forEach((seed, i) => writeFileSync(join(folder, `seed-${i}`), seed));
