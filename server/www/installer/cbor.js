// CBOR as api/generators.md uses it (RFC 8949, deterministic): integers from 0, bytes, texts, arrays, maps, one tag.

const DEPTH_MAX = 8;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
    constructor(bytes) {
        this.bytes = bytes;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        this.at = 0;
    }

    take(length) {
        if (length > this.bytes.length - this.at) {
            throw new RangeError('cut off');
        }
        const from = this.at;
        this.at += length;
        return from;
    }

    /** Major type and argument; an argument that could be shorter is refused. */
    head() {
        const first = this.bytes[this.take(1)];
        const short = first & 31;
        if (short < 24) {
            return [first >> 5, short];
        }
        const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[short];
        if (!size) {
            throw new RangeError('an indefinite or reserved length');
        }
        const from = this.take(size);
        const value = size === 1 ? this.view.getUint8(from) : size === 2 ? this.view.getUint16(from) : size === 4 ? this.view.getUint32(from)
            : Number(this.view.getBigUint64(from));
        if (!Number.isSafeInteger(value) || value < [24, 0x100, 0x10000, 0x100000000][Math.log2(size)]) {
            throw new RangeError('a number too large or not in its shortest form');
        }
        return [first >> 5, value];
    }

    text(length) {
        const from = this.take(length);
        return utf8.decode(this.bytes.subarray(from, from + length));
    }

    blob(length) {
        const from = this.take(length);
        return this.bytes.slice(from, from + length);
    }

    map(count, depth) {
        const map = new Map();
        let last = -1;
        for (let n = 0; n < count; n++) {
            const key = this.item(depth);
            if (typeof key !== 'number' || key <= last) {
                throw new RangeError('keys that do not ascend');
            }
            map.set(last = key, this.item(depth));
        }
        return map;
    }

    item(depth = DEPTH_MAX) {
        if (depth === 0) {
            throw new RangeError('nested too deeply');
        }
        const [major, value] = this.head();
        switch (major) {
            case 0: return value;
            case 2: return this.blob(value);
            case 3: return this.text(value);
            case 4: {
                const list = [];
                for (let n = 0; n < value; n++) {
                    list.push(this.item(depth - 1));
                }
                return list;
            }
            case 5: return this.map(value, depth - 1);
            case 6: return { tag: value, value: this.item(depth - 1) };
            default: throw new RangeError('a kind that is not used here');
        }
    }
}

/** The one item that these bytes are; throws RangeError or TypeError (a text that is not UTF-8). */
export function decode(bytes) {
    const reader = new Reader(bytes);
    const item = reader.item();
    if (reader.at !== bytes.length) {
        throw new RangeError('more bytes follow');
    }
    return item;
}

/** The head of a byte string or text of this length. */
export function head(major, length) {
    const first = major << 5;
    return Uint8Array.from(length < 24 ? [first | length] : length < 0x100 ? [first | 24, length] : length < 0x10000
        ? [first | 25, length >> 8, length & 255] : [first | 26, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);
}

/** Byte arrays, one after the other. */
export function joined(...parts) {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    parts.reduce((at, p) => (all.set(p, at), at + p.length), 0);
    return all;
}
