// Writes the seeds of one fuzz target, out of api/vectors/: corpus.mjs TARGET FOLDER
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

const seeds = {
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
