// The independent COSE library of tests/node/package.json, installed into the scratch folder of a run.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installed, reason } from './npm.mjs';

/** The library, or { missing } with the reason why there is none. */
export async function coseLibrary() {
    try {
        const require = createRequire(path.join(await installed('node', '@auth0/cose'), 'package.json'));
        return await import(pathToFileURL(require.resolve('@auth0/cose')));
    } catch (error) {
        return { missing: `NOT CHECKED: npm cannot install @auth0/cose: ${reason(error)}` };
    }
}

/**
 * The payload of a signed message as the library sees it; throws when it does not verify under this raw Ed25519
 * public key with `aad` (text), or names another algorithm than EdDSA.
 */
export async function openedBy(cose, publicKey, aad, message) {
    const { Algorithms, COSEKey, Sign1 } = cose;
    const key = await COSEKey.fromJWK({ kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }).toKeyLike();
    const sign1 = Sign1.decode(message);
    await sign1.verify(key, { externalAAD: Buffer.from(aad), algorithms: [Algorithms.EdDSA] });
    return { payload: Buffer.from(sign1.payload), kid: Buffer.from(sign1.kid) };
}
