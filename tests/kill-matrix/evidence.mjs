// The chain as the database holds it, walked twice: from the signed batches by us, and by bptm-verify.
import { createHash } from 'node:crypto';
import { encode, opened, Raw } from '../lib/wire.mjs';

const BUNDLES = 3; // devices that bptm-verify is asked about

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** Walk a device's batches: signatures hold, hashes follow, and each stored record is in one of them. */
async function walk(field, serial, publicKey, problems) {
    const batches = await field.stack.sql(`select encode(b.message, 'hex') as message from fleet.journal_batch b
        join fleet.device d using (device_id) where d.serial = '${serial}' order by b.first_seq, b.last_seq`);
    const [{ head, hash }] = await field.stack.sql(`select h.head_seq::int as head, encode(h.head_hash, 'hex') as hash
        from fleet.journal_head h join fleet.device d using (device_id) where d.serial = '${serial}'`);
    const hashes = [sha256(Buffer.from('bptm/1/chain/'), Buffer.from(serial), publicKey)];
    for (const { message } of batches) {
        const batch = opened(publicKey, 'journal', serial, Buffer.from(message, 'hex'));
        const first = batch.get(1);
        if (!hashes[first - 1]?.equals(batch.get(2))) {
            problems.push(`${serial}: the batch from ${first} does not continue the chain`);
            return;
        }
        batch.get(3).forEach((record, n) => {
            hashes[first + n] = sha256(hashes[first + n - 1], record instanceof Raw ? record.bytes : encode(record));
        });
    }
    if (hashes[head]?.toString('hex') !== hash) {
        problems.push(`${serial}: the batches do not lead to the head ${head}`);
    }
}

/** Problems of the evidence of all devices; none when it is sound. */
export async function checkEvidence(field) {
    const problems = [];
    const lines = (await field.stack.text('sim/manifest.csv')).trim().split('\n').slice(1);
    for (const line of lines) {
        const [serial, key] = line.split(',');
        try {
            await walk(field, serial, Buffer.from(key, 'hex'), problems);
        } catch (error) {
            problems.push(`${serial}: ${error.message}`);
        }
    }
    for (const line of lines.slice(0, BUNDLES)) {
        const [serial] = line.split(',');
        const bundle = field.stack.file(`evidence-${serial}`);
        try {
            await field.stack.command('ctl', 'export-evidence', '--device', serial, '--out', bundle,
                '--fleet-key', field.stack.fleetKey.toString('hex'));
            await field.exec(`${process.env.BPTM_APP}/bin/bptm-verify`, bundle);
        } catch (error) {
            problems.push(`${serial}: ${error.stderr || error.message}`);
        }
    }
    return problems;
}
