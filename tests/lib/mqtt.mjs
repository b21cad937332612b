// A small MQTT 3.1.1 client for tests: it sends what it is told, also what no good client would.
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const CONNECT = 1, CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBSCRIBE = 8, SUBACK = 9, DISCONNECT = 14;

function string(text) {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** One MQTT packet. */
export function packet(type, flags, ...parts) {
    const body = Buffer.concat(parts);
    const length = [];
    for (let rest = body.length; ; rest >>= 7) {
        if (rest < 128) {
            length.push(rest);
            break;
        }
        length.push((rest & 127) | 128);
    }
    return Buffer.concat([Buffer.from([(type << 4) | flags, ...length]), body]);
}

/** The first whole packet of `bytes`: { type, flags, body, size }, or nothing yet. */
export function firstPacket(bytes) {
    let length = 0;
    for (let n = 1; n < 5 && n < bytes.length; n++) {
        length |= (bytes[n] & 127) << (7 * (n - 1));
        if (bytes[n] < 128) {
            const size = 1 + n + length;
            return bytes.length < size
                ? undefined
                : { type: bytes[0] >> 4, flags: bytes[0] & 15, body: bytes.subarray(1 + n, size), size };
        }
    }
    return undefined;
}

/** Emits `message` { topic, payload } and `close`; messages are also kept in `messages`. */
export class Mqtt extends EventEmitter {
    messages = [];
    closed = false;
    #id = 0;
    #bytes = Buffer.alloc(0);

    /** Connect with a clean session; throws when the broker refuses. `tls` { ca, cert, key }: over TLS. */
    static async open(port, username, password, tls) {
        const client = new Mqtt();
        const place = { host: '127.0.0.1', port, noDelay: true };
        client.socket = tls ? connectTls({ ...place, servername: 'localhost', ...tls }) : connect(place);
        client.socket.on('data', (data) => client.#take(data));
        client.socket.on('error', () => client.socket.destroy());
        client.socket.on('close', () => {
            client.closed = true;
            client.emit('close');
        });
        const head = Buffer.from([4, 0b11000010, 0, 60]);
        client.socket.write(packet(CONNECT, 0, string('MQTT'), head, string(username), string(username), string(password)));
        const body = await client.#answer(CONNACK);
        if (body[1] !== 0) {
            client.end();
            throw new Error(`the broker refused ${username}: ${body[1]}`);
        }
        return client;
    }

    async #answer(type, id) {
        for (;;) {
            const [got] = await Promise.race([
                once(this, 'answer', { signal: AbortSignal.timeout(20_000) }),
                once(this, 'close').then(() => [{ type: 0 }]),
            ]);
            if (got.type === 0) {
                throw new Error('the broker closed the connection');
            }
            if (got.type === type && (id === undefined || got.body.readUInt16BE(0) === id)) {
                return got.body;
            }
        }
    }

    #take(data) {
        this.#bytes = Buffer.concat([this.#bytes, data]);
        for (let got; (got = firstPacket(this.#bytes)); ) {
            this.#bytes = this.#bytes.subarray(got.size);
            if (got.type === PUBLISH) {
                this.#receive(got);
            } else {
                this.emit('answer', got);
            }
        }
    }

    #receive({ flags, body }) {
        const length = body.readUInt16BE(0);
        const topic = body.toString('utf8', 2, 2 + length);
        const qos = (flags >> 1) & 3;
        const payload = body.subarray(2 + length + (qos ? 2 : 0));
        if (qos) {
            this.socket.write(packet(PUBACK, 0, body.subarray(2 + length, 4 + length)));
        }
        this.messages.push({ topic, payload, qos });
        this.emit('message', { topic, payload, qos });
    }

    #nextId() {
        this.#id = (this.#id % 65535) + 1;
        return this.#id;
    }

    /** Publish at QoS 1; resolves when the broker has acknowledged. */
    async publish(topic, payload) {
        const id = this.#nextId();
        const number = Buffer.from([id >> 8, id & 255]);
        const answer = this.#answer(PUBACK, id);
        this.socket.write(packet(PUBLISH, 2, string(topic), number, payload));
        await answer;
    }

    /** Subscribe at QoS 1; the code that the broker granted (128: refused). */
    async subscribe(filter) {
        const id = this.#nextId();
        const answer = this.#answer(SUBACK, id);
        this.socket.write(packet(SUBSCRIBE, 2, Buffer.from([id >> 8, id & 255]), string(filter), Buffer.from([1])));
        return (await answer)[2];
    }

    end() {
        if (!this.closed) {
            this.socket.end(packet(DISCONNECT, 0));
        }
    }
}
