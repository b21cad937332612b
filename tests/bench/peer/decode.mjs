// Reads what the peer needs of a signed batch, in one pass and with plain numbers.

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** The number in a head, and its major type in `major`. */
  head() {
    const first = this.bytes[this.at++];
    this.major = first >> 5;
    const info = first & 31;
    if (info < 24) {
      return info;
    }
    const at = this.at;
    switch (info) {
    case 24:
      this.at += 1;
      return this.bytes[at];
    case 25:
      this.at += 2;
      return this.bytes.readUInt16BE(at);
    case 26:
      this.at += 4;
      return this.bytes.readUInt32BE(at);
    case 27:
      this.at += 8;
      return this.bytes.readUInt32BE(at) * 4294967296 + this.bytes.readUInt32BE(at + 4);
    }
    throw new Error('not a head');
  }

  take(length) {
    this.at += length;
    if (this.at > this.bytes.length) {
      throw new Error('cut short');
    }
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Numbers, byte strings and text: all that a record holds. */
  value() {
    const n = this.head();
    if (this.major === 0) {
      return n;
    }
    const bytes = this.take(n);
    return this.major === 3 ? bytes.toString() : bytes;
  }
}

/** { protectedHeader, payload, signature } of a COSE_Sign1 message. */
export function envelope(message) {
  const r = new Reader(message);
  r.head();
  r.head();
  const protectedHeader = r.value();
  for (let n = 2 * r.head(); n > 0; n--) {
    r.value();
  }
  return { protectedHeader, payload: r.value(), signature: r.value() };
}

/** The records of a batch: arrays of values by key; `prevHash` as it came. */
export function batch(payload) {
  const r = new Reader(payload);
  const records = [];
  let prevHash;
  for (let n = r.head(); n > 0; n--) {
    const key = r.head();
    if (key === 3) {
      for (let left = r.head(); left > 0; left--) {
        const record = [];
        for (let fields = r.head(); fields > 0; fields--) {
          const name = r.head();
          record[name] = r.value();
        }
        records.push(record);
      }
    } else if (key === 2) {
      prevHash = r.value();
    } else {
      r.value();
    }
  }
  return { records, prevHash };
}

/** What a signature is over (RFC 9052, 4.4). */
export function toBeSigned(device, { protectedHeader, payload }) {
  const aad = Buffer.from(`bptm/1/journal/${device}`);
  const length = payload.length;
  const head = length < 24 ? [0x40 | length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255];
  return Buffer.concat([
    Buffer.from([0x84, 0x6a]), Buffer.from('Signature1'),
    Buffer.from([0x40 | protectedHeader.length]), protectedHeader,
    Buffer.from(aad.length < 24 ? [0x40 | aad.length] : [0x58, aad.length]), aad,
    Buffer.from(head), payload,
  ]);
}
