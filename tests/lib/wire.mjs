// The journal protocol (api/journal.md) in JavaScript, written from the document alone.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts.map((p) => Buffer.from(p)))).digest();

// --- CBOR, deterministic, as far as the protocol needs it -----------------------------------------

function head(major, value) {
    const n = BigInt(value);
    const sizes = [[24n, 0], [1n << 8n, 1], [1n << 16n, 2], [1n << 32n, 4], [1n << 64n, 8]];
    const size = sizes.find(([limit]) => n < limit)[1];
    if (size === 0) {
        return Buffer.from([(major << 5) | Number(n)]);
    }
    const bytes = Buffer.alloc(1 + size);
    bytes[0] = (major << 5) | (24 + Math.log2(size));
    for (let i = 0; i < size; i++) {
        bytes[size - i] = Number((n >> BigInt(8 * i)) & 255n);
    }
    return bytes;
}

/** Bytes that are CBOR already. */
export class Raw {
    constructor(bytes) {
        this.bytes = bytes;
    }
}

/** Numbers, bigints, booleans, strings, buffers, arrays, Maps with ascending keys, Raw. */
export function encode(value) {
    if (value instanceof Raw) {
        return value.bytes;
    }
    if (typeof value === 'boolean') {
        return Buffer.from([value ? 0xf5 : 0xf4]);
    }
    if (typeof value === 'number' || typeof value === 'bigint') {
        return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
    }
    if (typeof value === 'string') {
        return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
    }
    if (Buffer.isBuffer(value)) {
        return Buffer.concat([head(2, value.length), value]);
    }
    if (Array.isArray(value)) {
        return Buffer.concat([head(4, value.length), ...value.map(encode)]);
    }
    const pairs = [...value].flatMap(([k, v]) => [encode(k), encode(v)]);
    return Buffer.concat([head(5, value.size), ...pairs]);
}

/** One item at `at`: [value, end]. Integers are numbers, or bigints above 2^53; tags are dropped. */
export function decode(bytes, at = 0) {
    const major = bytes[at] >> 5;
    const info = bytes[at] & 31;
    if (major === 7) {
        return [info === 21, at + 1];
    }
    const size = info < 24 ? 0 : 1 << (info - 24);
    let value = BigInt(info);
    if (size) {
        value = BigInt('0x' + bytes.subarray(at + 1, at + 1 + size).toString('hex'));
    }
    let next = at + 1 + size;
    const number = value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    switch (major) {
    case 0:
        return [number, next];
    case 1:
        return [-1 - Number(value), next];
    case 2:
        return [bytes.subarray(next, next + number), next + number];
    case 3:
        return [bytes.toString('utf8', next, next + number), next + number];
    case 6:
        return decode(bytes, next);
    }
    const items = [];
    for (let n = 0; n < number * (major - 3); n++) {
        const [item, end] = decode(bytes, next);
        items.push(item);
        next = end;
    }
    if (major === 4) {
        return [items, next];
    }
    return [new Map(items.flatMap((item, n) => (n % 2 ? [] : [[item, items[n + 1]]]))), next];
}

// --- keys and signed messages ---------------------------------------------------------------------

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export class Key {
    constructor(seed) {
        this.secret = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
        this.public = createPublicKey(this.secret).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
        this.kid = sha256(this.public).subarray(0, 8);
    }
}

const PROTECTED = Buffer.from('a10127', 'hex');

function toBeSigned(purpose, device, payload) {
    return encode(['Signature1', PROTECTED, Buffer.from(`bptm/1/${purpose}/${device}`), payload]);
}

export function signed(key, purpose, device, payload) {
    const signature = sign(null, toBeSigned(purpose, device, payload), key.secret);
    const message = [PROTECTED, new Map([[4, key.kid]]), payload, signature];
    return Buffer.concat([head(6, 18), encode(message)]);
}

/** The payload of a signed message, decoded; throws when it does not verify. */
export function opened(publicKey, purpose, device, message) {
    const [[protectedHeader, , payload, signature]] = decode(message);
    const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
    if (!protectedHeader.equals(PROTECTED) || !verify(null, toBeSigned(purpose, device, payload), key, signature)) {
        throw new Error(`the ${purpose} for ${device} does not verify`);
    }
    return decode(payload)[0];
}

// --- a device -------------------------------------------------------------------------------------

export const KIND = { boot: 1, utilityLost: 2, utilityRestored: 3 };

/** A device that keeps its records for ever, to craft batches of any part of its journal. */
export class Device {
    records = [];

    constructor(id, seed) {
        this.id = id;
        this.key = new Key(seed);
        this.hashes = [sha256(Buffer.from('bptm/1/chain/'), Buffer.from(id), this.key.public)];
        this.bucket = sha256(Buffer.from(id)).readUInt16BE(0) % 1024;
    }

    topic(leaf, root = 'bptm/1') {
        return `${root}/${this.bucket}/${this.id}/${leaf}`;
    }

    /** Append a record; `fields` are pairs of key (16 up) and value. */
    write(kind, fields = []) {
        const seq = this.records.length + 1;
        const members = [[0, seq], [1, 1], [2, seq * 1000], [3, Date.now()], [4, 2], [5, kind], ...fields];
        return this.keep(encode(new Map(members)));
    }

    /** Append an encoded record; its sequence. */
    keep(record) {
        this.records.push(record);
        this.hashes.push(sha256(this.hashes.at(-1), record));
        return this.records.length;
    }

    /** Signed batch of the records first..last. */
    batch(first, last, epoch = 1) {
        const records = this.records.slice(first - 1, last).map((bytes) => new Raw(bytes));
        const payload = encode(new Map([
            [1, first], [2, this.hashes[first - 1]], [3, records], [4, this.records.length], [5, epoch],
        ]));
        return signed(this.key, 'journal', this.id, payload);
    }

    /** A receipt from the server: { through, hash, epoch, resendFrom, paceMs }. */
    receipt(fleetKey, message) {
        const m = opened(fleetKey, 'receipt', this.id, message);
        return { device: m.get(1), through: m.get(2), hash: m.get(3), epoch: m.get(5), resendFrom: m.get(6), paceMs: m.get(7) };
    }
}
