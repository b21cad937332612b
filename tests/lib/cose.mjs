// The independent COSE library of tests/node/package.json, installed into the scratch folder of a run.
import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const manifests = fileURLToPath(new URL('../node', import.meta.url));

async function install(dir) {
    await mkdir(dir, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
        await copyFile(path.join(manifests, name), path.join(dir, name));
    }
    const options = ['--ignore-scripts', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund'];
    await run('npm', ['ci', ...options], { cwd: dir, timeout: 60_000 });
}

/** The library, or { missing } with the reason why there is none. */
export async function coseLibrary() {
    const dir = path.join(process.env.BPTM_WORK ?? '/var/tmp', 'cose');
    const require = createRequire(path.join(dir, 'package.json'));
    try {
        try {
            require.resolve('@auth0/cose');
        } catch {
            await install(dir);
        }
        return await import(pathToFileURL(require.resolve('@auth0/cose')));
    } catch (error) {
        const reason = (error.stderr || error.message).trim().split('\n').pop();
        return { missing: `NOT CHECKED: npm cannot install @auth0/cose: ${reason}` };
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
