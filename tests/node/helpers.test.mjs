// The helpers of the process tests against the published vectors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { decode, Device, encode, opened } from '../lib/wire.mjs';

const vectors = (name) => JSON.parse(readFileSync(`api/vectors/${name}.json`)).vectors;
const hex = (text) => Buffer.from(text, 'hex');
const [deviceKey, fleetKey, chain] = vectors('keys');
const device = () => new Device(chain.device, hex(deviceKey.seed));

test('the chain begins as published', () => {
    assert.equal(device().hashes[0].toString('hex'), chain.hash_0);
    assert.equal(device().key.public.toString('hex'), deviceKey.public_key);
});

test('published batches are what a device here would sign', () => {
    for (const v of vectors('batch')) {
        const payload = decode(hex(v.payload))[0];
        const mine = device();
        for (const record of payload.get(3)) {
            mine.records.push(encode(record));
        }
        assert.deepEqual(opened(hex(deviceKey.public_key), 'journal', v.device, hex(v.message)), payload, v.name);
        assert.equal(encode(payload).toString('hex'), v.payload, v.name);
    }
});

test('a batch made here has the bytes of the published one', () => {
    const v = vectors('batch').find((row) => row.first_seq === 1 && row.count === 1);
    const mine = device();
    const payload = decode(hex(v.payload))[0];
    mine.records = Array(v.written_through).fill(encode(payload.get(3)[0]));
    assert.equal(mine.batch(1, 1, v.epoch).toString('hex'), v.message);
});

test('published receipts verify and say what they say', () => {
    for (const v of vectors('receipt')) {
        const receipt = device().receipt(hex(fleetKey.public_key), hex(v.message));
        assert.equal(receipt.device, v.device ?? chain.device, v.name);
    }
});
