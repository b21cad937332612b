// What a user would write in place of bptmd: mqtt.js in, pg out, many rows an insert, no receipts.
//
// usage: peer.mjs JSON, with { port, user, password, database, verify, rows }. It acknowledges as
// mqtt.js does, when the handler returns. It tells the number of rows that it has committed on the
// topic bench/progress, which only the benchmark listens to. The column `hash` gets the previous
// hash as it came, so that the rows are as large as bptmd's at no cost to the peer.
import { createPublicKey, verify } from 'node:crypto';
import mqtt from 'mqtt';
import pg from 'pg';
import { batch, envelope, toBeSigned } from './decode.mjs';

const COLUMNS = ['device_id', 'seq', 'part_ts', 'received_at', 'device_at', 'mono_ms', 'boot', 'kind', 'quality',
  'cause', 'since_ms', 'delay_ms', 'setting_ms', 'l1_dv', 'l2_dv', 'freq_chz', 'load_da', 'hash', 'extra'];
const KEYS = { since: 16, delay: 17, setting: 18, cause: 19, l1: 20, l2: 21, freq: 22, load: 23 };
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const options = JSON.parse(process.argv[2]);
const db = new pg.Client(options.database);
await db.connect();
const devices = await loadDevices();
const texts = new Map();
let waiting = [];
let committed = 0;
let refused = 0;
let isWriting = false;

async function loadDevices() {
  const { rows } = await db.query(`select s.serial, s.device_id, k.public_key
    from fleet.device_serial s join fleet.device_key k using (device_id)`);
  return new Map(rows.map((row) => [row.serial, {
    id: row.device_id,
    key: createPublicKey({ key: Buffer.concat([SPKI, row.public_key]), format: 'der', type: 'spki' }),
  }]));
}

function insertText(count) {
  if (!texts.has(count)) {
    const row = (n) => `(${COLUMNS.map((_, c) => `$${n * COLUMNS.length + c + 1}`).join(',')})`;
    texts.set(count, `insert into fleet.journal_record (${COLUMNS}) values
      ${Array.from({ length: count }, (_, n) => row(n)).join(',')} on conflict do nothing`);
  }
  return texts.get(count);
}

/** One insert at a time; what comes meanwhile waits in memory. */
async function write() {
  isWriting = true;
  while (waiting.length) {
    const count = Math.min(waiting.length, options.rows);
    const rows = waiting.length === count ? waiting : waiting.slice(0, count);
    waiting = waiting.length === count ? [] : waiting.slice(count);
    const name = count === options.rows ? 'full' : undefined;
    await db.query({ name, text: insertText(count), values: rows.flat() });
    committed += count;
    client.publish('bench/progress', String(committed), { qos: 0 });
  }
  isWriting = false;
}

function add(device, prevHash, record, now) {
  const at = new Date(record[3]).toISOString();
  waiting.push([device.id, record[0], at, now, at, record[2], record[1], record[5], record[4], record[KEYS.cause],
    record[KEYS.since], record[KEYS.delay], record[KEYS.setting], record[KEYS.l1], record[KEYS.l2],
    record[KEYS.freq], record[KEYS.load], prevHash, null]);
}

function take(topic, message) {
  const name = topic.split('/')[3];
  const device = devices.get(name);
  const parts = envelope(message);
  if (!device || (options.verify && !verify(null, toBeSigned(name, parts), device.key, parts.signature))) {
    refused++;
    return;
  }
  const { records, prevHash } = batch(parts.payload);
  const now = new Date().toISOString();
  for (const record of records) {
    add(device, prevHash, record, now);
  }
  if (!isWriting) {
    isWriting = true;
    setImmediate(write);
  }
}

const client = mqtt.connect({
  host: '127.0.0.1', port: options.port, username: options.user, password: options.password,
  clientId: options.user, clean: false, protocolVersion: 4, reconnectPeriod: 200,
});
client.on('message', take);
client.on('connect', () => client.subscribe('bptm/1/+/+/up/journal', { qos: 1 }, () => console.log('ready')));
process.on('SIGTERM', () => {
  console.log(JSON.stringify({ committed, refused }));
  process.exit(0);
});
