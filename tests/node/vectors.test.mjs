// The vectors of api/vectors/ checked by a second implementation: a CBOR reader of its own, and
// Ed25519 and SHA-256 of node:crypto.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import test from 'node:test';

const load = (name) =>
  JSON.parse(readFileSync(new URL(`../../api/vectors/${name}.json`, import.meta.url), 'utf8')).vectors;
const bytes = (hex) => Buffer.from(hex, 'hex');
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

// Reads one item at `at`; returns [value, offset after it]. Maps become Map, integers BigInt.
function read(buf, at) {
  const [major, n, next] = readHead(buf, at);
  switch (major) {
    case 0:
      return [n, next];
    case 1:
      return [-1n - n, next];
    case 2:
    case 3: {
      const end = next + Number(n);
      if (end > buf.length) throw new RangeError('truncated');
      const part = buf.subarray(next, end);
      return [major === 2 ? part : new TextDecoder('utf-8', { fatal: true }).decode(part), end];
    }
    case 4:
      return readMany(buf, next, n);
    case 5: {
      const [flat, end] = readMany(buf, next, n * 2n);
      const map = new Map();
      for (let i = 0; i < flat.length; i += 2) map.set(flat[i], flat[i + 1]);
      if (map.size !== flat.length / 2) throw new RangeError('duplicate key');
      return [map, end];
    }
    case 6: {
      const [value, end] = read(buf, next);
      return [new Tagged(n, value), end];
    }
    default:
      if (n < 20n || n > 22n) throw new RangeError('simple value');
      return [[false, true, null][Number(n) - 20], next];
  }
}

function readHead(buf, at) {
  if (at >= buf.length) throw new RangeError('truncated');
  const major = buf[at] >> 5;
  const small = buf[at] & 31;
  if (small < 24) return [major, BigInt(small), at + 1];
  if (small > 27) throw new RangeError('indefinite or reserved');
  const len = 1 << (small - 24);
  if (at + 1 + len > buf.length) throw new RangeError('truncated');
  return [major, BigInt('0x' + buf.subarray(at + 1, at + 1 + len).toString('hex')), at + 1 + len];
}

function readMany(buf, at, count) {
  const items = [];
  for (let i = 0n; i < count; i++) {
    const [value, end] = read(buf, at);
    items.push(value);
    at = end;
  }
  return [items, at];
}

function decode(buf) {
  const [value, end] = read(buf, 0);
  assert.equal(end, buf.length, 'bytes follow the item');
  return value;
}

// Shortest heads only: enough of an encoder for a Sig_structure.
function head(major, n) {
  if (n < 24) return Buffer.of((major << 5) | n);
  if (n < 256) return Buffer.of((major << 5) | 24, n);
  return Buffer.of((major << 5) | 25, n >> 8, n & 255);
}
const bstr = (b) => Buffer.concat([head(2, b.length), b]);
const tstr = (s) => Buffer.concat([head(3, Buffer.byteLength(s)), Buffer.from(s)]);

function publicKey(raw) {
  return createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  });
}

function open(message, aad, key) {
  const tagged = decode(message);
  assert.equal(tagged.tag, 18n);
  const [header, unprotected, payload, signature] = tagged.value;
  assert.equal(decode(header).get(1n), -8n);
  const signed = Buffer.concat([head(4, 4), tstr('Signature1'), bstr(header), bstr(aad), bstr(payload)]);
  assert.ok(verify(null, signed, publicKey(key), signature), 'signature');
  return { kid: unprotected.get(4n), raw: payload, signed };
}

const keys = Object.fromEntries(load('keys').map((v) => [v.name, v]));
const records = load('record');

const common = ['seq', 'boot', 'mono_ms', 'utc_ms', 'quality', 'kind'];
const table = readFileSync(new URL('../../api/wire/record.def', import.meta.url), 'utf8');
const fieldName = new Map(
  [...table.matchAll(/^RECORD_KEY\((\d+), \w+, "(\w+)"/gm)].map((m) => [BigInt(m[1]), m[2]]),
);

test('kid is the beginning of the hash of the public key', () => {
  for (const name of ['device', 'fleet']) {
    const { public_key, kid } = keys[name];
    assert.equal(sha256(bytes(public_key)).subarray(0, 8).toString('hex'), kid);
  }
});

test('records decode to their fields and chain to their hashes', () => {
  let hash = sha256(
    Buffer.from('bptm/1/chain/' + keys.chain.device),
    bytes(keys.device.public_key),
  );
  assert.equal(hash.toString('hex'), keys.chain.hash_0);
  for (const v of records) {
    const map = decode(bytes(v.cbor));
    const named = Object.fromEntries([...map].map(([key, value]) => [fieldName.get(key), value]));
    for (const name of common) {
      assert.equal(named[name], name in v ? BigInt(v[name]) : undefined, `${v.name} ${name}`);
      delete named[name];
    }
    for (const [name, value] of Object.entries(named))
      assert.equal(typeof value === 'bigint' ? Number(value) : value, v.fields[name], v.name);
    assert.deepEqual(Object.keys(named).sort(), Object.keys(v.fields).sort());
    hash = sha256(hash, bytes(v.cbor));
    assert.equal(hash.toString('hex'), v.hash, `hash of ${v.name}`);
  }
});

test('batches verify, hold the records, and end at their head', () => {
  for (const v of load('batch')) {
    const { kid, raw } = open(bytes(v.message), Buffer.from(v.aad), bytes(keys.device.public_key));
    const payload = decode(raw);
    assert.equal(v.aad, `bptm/1/journal/${v.device}`);
    assert.equal(kid.toString('hex'), keys.device.kid);
    assert.equal(payload.get(1n), BigInt(v.first_seq));
    assert.equal(payload.get(3n).length, v.count);
    assert.equal(payload.get(4n), BigInt(v.written_through));
    assert.equal(payload.get(5n), BigInt(v.epoch));
    let hash = payload.get(2n);
    let at = raw.indexOf(hash) + 32 + 1 + (v.count < 24 ? 1 : 2);
    payload.get(3n).forEach((record, i) => {
      const [, end] = read(raw, at);
      assert.equal(record.get(0n), BigInt(v.first_seq + i));
      assert.equal(raw.subarray(at, end).toString('hex'), records[v.first_seq - 1 + i].cbor);
      hash = sha256(hash, raw.subarray(at, end));
      at = end;
    });
    assert.equal(hash.toString('hex'), v.head_hash);
  }
});

test('receipts verify under the fleet key', () => {
  for (const v of load('receipt')) {
    const { kid, raw } = open(bytes(v.message), Buffer.from(v.aad), bytes(keys.fleet.public_key));
    const payload = decode(raw);
    assert.equal(v.aad, `bptm/1/receipt/${v.device}`);
    assert.equal(kid.toString('hex'), keys.fleet.kid);
    assert.equal(payload.get(1n), v.device);
    assert.equal(payload.get(2n), BigInt(v.through_seq));
    assert.equal(payload.get(3n).toString('hex'), v.head_hash);
    assert.equal(payload.get(6n) ?? 0n, BigInt(v.resend_from));
    assert.equal(payload.get(7n) ?? 0n, BigInt(v.pace_ms));
  }
});

test('commands verify under the fleet key', () => {
  for (const v of load('command')) {
    const { kid, raw } = open(bytes(v.message), Buffer.from(v.aad), bytes(keys.fleet.public_key));
    const payload = decode(raw);
    assert.match(v.aad, /^bptm\/1\/command\//);
    assert.equal(kid.toString('hex'), keys.fleet.kid);
    assert.equal(payload.get(1n), BigInt(v.counter));
    assert.equal(payload.get(2n), BigInt(v.expires_ms));
    assert.equal(payload.get(3n), BigInt(v.code));
    assert.equal(payload.has(4n), v.argument !== '');
  }
});

test('statuses verify and carry what the vector says', () => {
  for (const v of load('status')) {
    const payload = decode(open(bytes(v.message), Buffer.from(v.aad), bytes(keys.device.public_key)).raw);
    assert.equal(v.aad, `bptm/1/status/${v.device}`);
    assert.deepEqual(payload.get(6n).map(Number), v.leds);
    assert.deepEqual(payload.get(8n).map(Number), v.utility);
    assert.equal(payload.get(12n), v.firmware);
    assert.equal(payload.get(14n), BigInt(v.receipted_through));
    assert.equal(payload.has(3n), v.quality > 0);
  }
});

test('topics carry the bucket of the device', () => {
  for (const v of load('topic')) {
    const hash = sha256(Buffer.from(v.device));
    assert.equal(hash.readUInt16BE(0) % 1024, v.bucket);
    assert.ok(v.name.startsWith(`bptm/1/${v.bucket}/${v.device}/`));
  }
});

test('forged messages do not verify here either', () => {
  const forged = load('refused').filter((v) => v.error === 'cose-signature');
  assert.ok(forged.length >= 5);
  for (const v of forged)
    assert.throws(
      () => open(bytes(v.hex), Buffer.from(`bptm/1/journal/${v.device}`), bytes(keys.device.public_key)),
      assert.AssertionError,
      v.name,
    );
});

test('the example of the COSE working group verifies', () => {
  const [v] = load('cose-wg-eddsa-sig-01');
  const { kid, raw, signed } = open(bytes(v.message), Buffer.alloc(0), bytes(v.public_key));
  assert.equal(kid.toString('hex'), v.kid);
  assert.equal(raw.toString('hex'), v.payload);
  assert.equal(signed.toString('hex'), v.signed);
});

test('requests for firmware verify under the device key', () => {
  for (const v of load('request')) {
    const payload = decode(open(bytes(v.message), Buffer.from(v.aad), bytes(keys.device.public_key)).raw);
    assert.equal(v.aad, `bptm/1/firmware/${v.device}`);
    assert.equal(payload.get(1n).toString('hex'), v.id);
    assert.deepEqual([2n, 3n, 4n].map((key) => Number(payload.get(key))), [v.state, v.first, v.count]);
  }
});

test('a manifest is what the document says, byte by byte', () => {
  for (const v of load('firmware')) {
    const m = bytes(v.manifest);
    assert.equal(m.length, 192);
    assert.equal(m.toString('latin1', 0, 4), 'BPTI');
    assert.deepEqual([4, 8, 12, 16, 20].map((at) => m.readUInt32LE(at)), [1, v.version, v.size, v.address, 0]);
    assert.equal(m.toString('latin1', 24, 56).replace(/\0*$/, ''), v.hardware);
    assert.equal(m.toString('hex', 56, 120), createHash('sha512').update(bytes(v.image)).digest('hex'));
    assert.equal(m.toString('hex', 120, 128), keys.fleet.kid);
    assert.ok(verify(null, m.subarray(0, 128), publicKey(bytes(keys.fleet.public_key)), m.subarray(128)));
    assert.deepEqual(decode(bytes(v.argument)), new Map([[1n, m]]));
    assert.deepEqual(decode(bytes(v.chunk)), new Map([[1n, m.subarray(56, 64)], [2n, 1n], [3n, bytes(v.image)]]));
  }
});
