// Our signed messages and the published example, checked by a COSE library that others wrote.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { coseLibrary, openedBy } from '../lib/cose.mjs';

const cose = await coseLibrary();
const skip = cose.missing ?? false;
const load = (name) => JSON.parse(readFileSync(`api/vectors/${name}.json`)).vectors;
const hex = (text) => Buffer.from(text, 'hex');
const keys = Object.fromEntries(load('keys').map((v) => [v.name, v]));
const signed = [['batch', 'device'], ['status', 'device'], ['receipt', 'fleet'], ['request', 'device']];

for (const [name, signer] of signed) {
    const publicKey = hex(keys[signer].public_key);

    test(`each ${name} of the vectors verifies`, { skip }, async () => {
        for (const v of load(name)) {
            const { payload, kid } = await openedBy(cose, publicKey, v.aad, hex(v.message));
            assert.equal(payload.toString('hex'), v.payload, v.name);
            assert.equal(kid.toString('hex'), keys[signer].kid, v.name);
        }
    });

    test(`no ${name} verifies for another device, as another message or under another key`, { skip }, async () => {
        const other = hex(keys[signer === 'fleet' ? 'device' : 'fleet'].public_key);
        const failed = { name: 'COSESignatureVerificationFailed' };
        for (const v of load(name)) {
            const message = hex(v.message);
            await assert.rejects(openedBy(cose, publicKey, `${v.aad}X`, message), failed, v.name);
            await assert.rejects(openedBy(cose, publicKey, v.aad.replace(/1\/\w+/, '1/command'), message), failed, v.name);
            await assert.rejects(openedBy(cose, other, v.aad, message), failed, v.name);
        }
    });
}

test('what we refuse for its signature or algorithm the library refuses too', { skip }, async () => {
    const refused = load('refused').filter((v) => v.as === 'message' && ['cose-signature', 'cose-algorithm'].includes(v.error));
    assert.ok(refused.length > 5);
    for (const v of refused) {
        await assert.rejects(openedBy(cose, hex(keys.device.public_key), load('batch')[0].aad, hex(v.hex)), v.name);
    }
});

test('the example of the COSE working group verifies', { skip }, async () => {
    const [v] = load('cose-wg-eddsa-sig-01');
    const { payload } = await openedBy(cose, hex(v.public_key), '', hex(v.message));
    assert.equal(payload.toString('hex'), v.payload);
});
