// A receiver of webhooks: a real HTTP or HTTPS server that verifies by Standard Webhooks 1.0.0, from its text alone.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTls } from 'node:https';

const TOLERANCE_S = 300;

/** Which of these secrets ("whsec_...") a request is signed with; throws when by none, or when its head is not as it must be. */
export function verify(secrets, headers, body) {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
    if (!/^[^.\s]+$/.test(id ?? '') || !/^\d+$/.test(time ?? '') || !signatures) {
        throw new Error(`not the three headers: ${JSON.stringify(headers)}`);
    }
    if (Math.abs(Date.now() / 1000 - Number(time)) > TOLERANCE_S) {
        throw new Error(`of another time: ${time}`);
    }
    const claimed = signatures.split(' ').map((one) => one.split(',')).filter(([version]) => version === 'v1');
    const signedBy = secrets.filter((secret) => {
        const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
        const mac = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest();
        return claimed.some(([, text]) => {
            const bytes = Buffer.from(text, 'base64');
            return bytes.length === mac.length && timingSafeEqual(bytes, mac);
        });
    });
    if (!signedBy.length) {
        throw new Error('signed with none of the secrets');
    }
    return signedBy;
}

export class Receiver {
    /** `tls` is { key, cert } or nothing; `address` what to listen on. */
    static async start({ address = '127.0.0.1', tls } = {}) {
        const receiver = new Receiver();
        receiver.server = tls ? createTls(tls, receiver.take.bind(receiver)) : createServer(receiver.take.bind(receiver));
        receiver.server.on('connection', () => receiver.connections++);
        await new Promise((done) => receiver.server.listen(0, address, done));
        receiver.url = `${tls ? 'https' : 'http'}://${address}:${receiver.server.address().port}`;
        return receiver;
    }

    constructor() {
        this.connections = 0;
        this.paths = {}; // "/path" -> { secrets, answer, got: [{ id, type, data, signedBy, at }] }
    }

    /** Receive at a path: `answer(response, n)` ends the n-th request (from 1), nothing is 204. */
    at(path, { secrets = [], answer } = {}) {
        return (this.paths[path] = { url: this.url + path, secrets, answer, got: [], refused: [] });
    }

    async take(request, response) {
        const pieces = [];
        for await (const piece of request) {
            pieces.push(piece);
        }
        const body = Buffer.concat(pieces), here = this.paths[request.url];
        try {
            const signedBy = verify(here.secrets, request.headers, body);
            here.got.push({ id: request.headers['webhook-id'], ...JSON.parse(body), signedBy, at: Date.now(), method: request.method, headers: request.headers });
        } catch (error) {
            here?.refused.push(error.message);
            return void response.writeHead(400).end();
        }
        if (here.answer) {
            return here.answer(response, here.got.length);
        }
        response.writeHead(204).end();
    }

    stop() {
        this.server.closeAllConnections();
        return new Promise((done) => this.server.close(done));
    }
}
