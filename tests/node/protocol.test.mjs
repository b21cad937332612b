// The protocol is said three times, for people, for machines and for the compiler: journal.md,
// journal.cddl and record.def with wire.h. Here they are compared.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import test from 'node:test';

const read = (path) => readFileSync(new URL(`../../api/${path}`, import.meta.url), 'utf8');
const prose = read('journal.md');
const cddl = read('journal.cddl');
const def = read('wire/record.def');
const wire = read('wire/wire.h');

const kinds = [...def.matchAll(/^RECORD_KIND\((\d+), (\w+), "(\w+)", "([\w ]*)"\)/gm)];
const keys = [...def.matchAll(/^RECORD_KEY\((\d+), (\w+), "(\w+)", (\w+)\)/gm)];
const causes = [...def.matchAll(/^RECORD_CAUSE\((\d+), (\w+), "(\w+)"\)/gm)];
const limit = (name) => {
  const found = wire.match(new RegExp(`\\b${name} = (\\d+)`));
  assert.ok(found, `${name} in wire.h`);
  return Number(found[1]);
};
const section = (name) => prose.split(/^## /m).find((part) => part.startsWith(`${name}\n`));
const group = (name) => cddl.match(new RegExp(`^${name} = \\{[^\\n]*\\n([^}]*)^\\}`, 'm'))[1];

test('the tables number their rows once, in order, and name them like their constants', () => {
  for (const rows of [kinds, keys, causes]) {
    assert.ok(rows.length > 5);
    rows.forEach((row, i) => {
      assert.equal(row[2].toLowerCase(), row[3]);
      if (i > 0) assert.ok(Number(row[1]) > Number(rows[i - 1][1]), row[0]);
    });
    assert.equal(new Set(rows.map((row) => row[3])).size, rows.length);
  }
});

test('every field of a kind is a key beside the common ones', () => {
  const fields = new Set(keys.filter((row) => Number(row[1]) >= 16).map((row) => row[3]));
  for (const [, , , name, list] of kinds) {
    const used = list.split(' ').filter(Boolean);
    assert.ok(used.length <= limit('WIRE_FIELDS_MAX'));
    for (const field of used) assert.ok(fields.has(field), `${name}: ${field}`);
  }
});

test('the record of the CDDL has the keys of record.def', () => {
  const types = { 'tstr .size (0..64)': 'CBOR_TSTR' };
  const rows = [...group('record').matchAll(/^ +\??\s*(\d+) => ([^,]+),(?: +; (\w+))?/gm)];
  const said = rows.map(([, key, type, name]) => [Number(key), name ?? type, types[type] ?? 'CBOR_UINT']);
  assert.deepEqual(said, keys.map((row) => [Number(row[1]), row[3], row[4]]));
});

test('the prose lists the common members of a record', () => {
  const rows = [...section('Record').matchAll(/^\| (\d+) \| (\w+) \|/gm)];
  const common = keys.filter((row) => Number(row[1]) < 16);
  assert.deepEqual(rows.map((row) => [row[1], row[2]]), common.map((row) => [row[1], row[3]]));
});

test('kinds and causes that the prose names exist', () => {
  const names = new Set([...kinds, ...keys, ...causes].map((row) => row[3]));
  for (const [, name] of prose.matchAll(/`([a-z]+(?:_[a-z0-9]+)+)`/g)) {
    const foreign = ['external_aad', 'first_seq', 'resend_from', 'prev_hash', 'through_seq'];
    if (!foreign.includes(name)) assert.ok(names.has(name), name);
  }
});

test('the settings of the CDDL are those of setting.def', () => {
  const rows = [...group('settings').matchAll(/^ +\? (\d+) => (\d+)\.\.(\d+), +; (\w+)/gm)];
  const def = [...read('wire/setting.def').matchAll(/^SETTING\((\d+), (\w+), (\d+), (\d+), (\d+)\)/gm)];
  assert.ok(def.length > 5);
  assert.deepEqual(
    rows.map(([, key, min, max, name]) => [key, name, min, max]),
    def.map(([, key, name, min, max]) => [key, name, min, max]),
  );
});

test('the codes of the prose are those of the code', () => {
  const codes = [...read('wire/command.def').matchAll(/^COMMAND\((\d+), (\w+), "(\w+)"\)/gm)].map((row) => row.slice(1));
  const rows = [...section('Command').matchAll(/^\| (\d+) \| ([\w-]+) \|/gm)];
  for (const [, code, name] of rows)
    assert.ok(codes.some(([n, , text]) => n === code && text === name.replace('-', '_')), name);
  assert.equal(rows.length, codes.length);
});

test('the limits of the prose are those of the code', () => {
  const said = Object.fromEntries(
    [...section('Limits').matchAll(/^\| (.+?) \| ([\d,]+)/gm)].map((row) => [
      row[1],
      BigInt(row[2].replaceAll(',', '')),
    ]),
  );
  const depth = Number(read('wire/cbor.h').match(/CBOR_DEPTH_MAX = (\d+)/)[1]);
  const want = {
    'one signed message': limit('WIRE_MESSAGE_MAX'),
    'one record': limit('WIRE_RECORD_MAX'),
    'records in a batch': limit('WIRE_BATCH_RECORDS_MAX'),
    'fields of a record beside the common ones': limit('WIRE_FIELDS_MAX'),
    'text or bytes in a record or status': limit('WIRE_TEXT_MAX'),
    'nesting inside a newer field': depth,
  };
  for (const [what, value] of Object.entries(want)) assert.equal(said[what], BigInt(value), what);
  assert.equal(said['any number'], 2n ** 63n - 1n);
});

test('the limits of the CDDL are those of the code', () => {
  const has = (text) => assert.ok(cddl.includes(text), text);
  has(`[1*${limit('WIRE_BATCH_RECORDS_MAX')} record]`);
  has(`tstr .size (0..${limit('WIRE_TEXT_MAX')})`);
  has(`tstr .size (${limit('WIRE_DEVICE_MIN')}..${limit('WIRE_DEVICE_MAX')})`);
  has(`bstr .size ${limit('WIRE_HASH_LEN')}`);
  has(`signature: bstr .size ${limit('WIRE_SIGNATURE_LEN')}`);
  has(`7 => 1..${limit('WIRE_PACE_MAX_MS')}`);
  has(`number = 0..${2n ** 63n - 1n}`);
});
