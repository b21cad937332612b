// Reads the flash image of a simulated home from outside, by the layout that device-fw/core/journal.h documents.
import { createHash } from 'node:crypto';

const SECTOR = 4096, UNIT = 8, HEADER = 88;
const MAGIC = 0x4a505442, RECORD = 0x52, MARK = 0x4d;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) {
        n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    }
    return n;
});

function crc32(bytes, from, to, crc = 0) {
    crc = ~crc;
    for (let at = from; at < to; at++) {
        crc = table[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
    }
    return ~crc >>> 0;
}

function trailerFits(bytes, at, crc) {
    return bytes.readUInt32LE(at) === crc && bytes.readUInt32LE(at + 4) === (~crc >>> 0);
}

const number = (bytes, at) => Number(bytes.readBigUInt64LE(at));

function readHeader(sector) {
    if (sector.readUInt32LE(0) !== MAGIC || !trailerFits(sector, HEADER - UNIT, crc32(sector, 0, HEADER - UNIT))) {
        return undefined;
    }
    return {
        generation: sector.readUInt32LE(4), base: number(sector, 8), hash: Buffer.from(sector.subarray(16, 48)),
        released: number(sector, 48), epoch: number(sector, 56),
    };
}

/** The whole entry at `at`, or nothing: { type, seq, payload, size }. */
function readEntry(sector, generation, at) {
    if (at + 3 * UNIT > SECTOR || (sector[at] ^ sector[at + 1]) !== 0xff || (sector[at + 2] ^ sector[at + 3]) !== 0xff) {
        return undefined;
    }
    const length = sector[at] + 1;
    const size = 2 * UNIT + Math.ceil(length / UNIT) * UNIT;
    if (at + size > SECTOR) {
        return undefined;
    }
    const where = Buffer.alloc(8);
    where.writeUInt32LE(generation);
    where.writeUInt32LE(at, 4);
    if (!trailerFits(sector, at + size - UNIT, crc32(sector, at, at + size - UNIT, crc32(where, 0, 8)))) {
        return undefined;
    }
    return {
        type: sector[at + 2], seq: sector.readUInt32LE(at + 4), size,
        payload: sector.subarray(at + UNIT, at + UNIT + length),
    };
}

function walk(sector, header) {
    const found = { ...header, records: [], next: header.base, last: header.hash };
    for (let at = HEADER; at < SECTOR; ) {
        const entry = readEntry(sector, header.generation, at);
        at += entry?.size ?? UNIT;
        if (entry?.type === MARK) {
            found.released = number(entry.payload, 0);
            found.epoch = number(entry.payload, 8);
        } else if (entry?.type === RECORD && entry.seq === found.next) {
            found.last = createHash('sha256').update(found.last).update(entry.payload).digest();
            found.records.push({ seq: found.next, hash: found.last });
            found.next++;
        }
    }
    return found;
}

/**
 * The journal in an image: { written, released, epoch, records } with records of { seq, hash }, oldest
 * first. The image may be read while its device writes: what is not whole yet is not seen. `place` says which
 * sectors are the journal's; by default those of a simulated home.
 */
export function readJournal(image, place = { first: 2, sectors: 16 }) {
    const sectors = [];
    for (let n = 0; n < place.sectors; n++) {
        const sector = image.subarray((place.first + n) * SECTOR, (place.first + n + 1) * SECTOR);
        const header = readHeader(sector);
        if (header) {
            sectors.push(walk(sector, header));
        }
    }
    sectors.sort((a, b) => b.generation - a.generation);
    const [newest] = sectors;
    if (!newest) {
        return { written: 0, released: 0, epoch: 0, records: [] };
    }
    let records = newest.records;
    for (let n = 1; n < sectors.length; n++) {
        const [older, newer] = [sectors[n], sectors[n - 1]];
        if (older.generation !== newer.generation - 1 || older.next !== newer.base || !older.last.equals(newer.hash)) {
            break;
        }
        records = older.records.concat(records);
    }
    return { written: newest.next - 1, released: newest.released, epoch: newest.epoch, records };
}
