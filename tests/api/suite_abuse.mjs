// Who asks too often, guesses tokens, or holds connections: limits of one server, counted by address and token.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../lib/figures.mjs';

/** A second server on the same stack, with limits that a test reaches. */
const limits = { timeout_s: 2, requests_per_s: 20, requests_burst: 30, failures_per_min: 6, connections_per_address: 20, proxy: '127.0.0.9' };

const patience = { attempts: 100, pause_ms: 100 };

async function until(what, ready) {
    for (let n = 0; n < patience.attempts; n++) {
        const value = await ready();
        if (value) {
            return value;
        }
        await sleep(patience.pause_ms);
    }
    assert.fail(what);
}

export function abuse(api) {
    const agent = new Agent({ keepAlive: false });
    let port, hostile = 0;

    before(async () => {
        port = await api().stack.startSecond(limits);
    });
    after(async () => {
        agent.destroy();
        await api().stack.stop('bptmd-http');
        const log = await api().stack.log('bptmd-http');
        assert.ok(!/Sanitizer|runtime error|level=error/.test(log), log.slice(-3000));
    });

    /** One request from a loopback address: { status, headers, body }. */
    const ask = (from, { method = 'GET', path = '/v1/me', token, headers = {} } = {}) => new Promise((done, fail) => {
        hostile++;
        const r = request({
            host: '127.0.0.1', port, localAddress: from, agent, method, path, timeout: 20_000,
            headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
        }, async (response) => {
            let text = '';
            for await (const piece of response) {
                text += piece;
            }
            done({ status: response.statusCode, headers: response.headers, body: /json/.test(response.headers['content-type']) ? JSON.parse(text) : text });
        });
        r.on('error', fail);
        r.on('timeout', () => r.destroy(new Error('no answer in 20 s')));
        r.end();
    });

    const statuses = async (n, ...how) => {
        const all = [];
        for (let i = 0; i < n; i++) {
            all.push((await ask(...how)).status);
        }
        return all;
    };

    const guess = `bptm_${'x'.repeat(43)}`;
    const checkRefusal = ({ status, headers, body }) => {
        assert.equal(status, 429);
        assert.equal(headers['content-type'], 'application/problem+json');
        assert.equal(body.type, 'urn:bptm:error:too-many-requests');
        assert.match(headers['retry-after'], /^[1-9]\d?$/);
    };

    test('an address that guesses tokens is not listened to, others are', async () => {
        const { token } = { token: api().tokens.operator };
        assert.equal((await ask('127.0.0.2', { token })).status, 200);
        const guesses = await statuses(12, '127.0.0.2', { token: guess });
        assert.deepEqual(guesses.slice(0, 7), Array(7).fill(401));
        assert.deepEqual(new Set(guesses.slice(7)), new Set([429]));
        checkRefusal(await ask('127.0.0.2', { token: guess }));
        checkRefusal(await ask('127.0.0.2', { token }));
        assert.equal((await ask('127.0.0.2')).status, 401, 'who brings no token guesses nothing');
        assert.equal((await ask('127.0.0.3', { token })).status, 200);
    });

    test('what a caller says of its address counts only from the proxy', async () => {
        const from = (address) => ({ token: guess, headers: { 'x-forwarded-for': address } });
        const lies = [];
        for (let n = 0; n < 10; n++) {
            lies.push((await ask('127.0.0.4', from(`192.0.2.${n}`))).status);
        }
        assert.deepEqual(lies.slice(7), [429, 429, 429]);
        assert.deepEqual((await statuses(9, '127.0.0.9', from('198.51.100.1, 192.0.2.77'))).slice(7), [429, 429]);
        assert.equal((await ask('127.0.0.9', from('198.51.100.1, 192.0.2.78'))).status, 401);
        assert.equal((await ask('127.0.0.9', from('192.0.2.77, 192.0.2.79'))).status, 401, 'the last one is the proxy\'s own word');
        checkRefusal(await ask('127.0.0.9', from('192.0.2.80, 192.0.2.77')));
    });

    test('by TLS is what the proxy says is by TLS', async () => {
        const ways = [['127.0.0.9', 'https', true], ['127.0.0.9', 'http', false], ['127.0.0.10', 'https', false]];
        for (const [from, proto, secure] of ways) {
            const { headers } = await ask(from, { headers: { 'x-forwarded-proto': proto } });
            assert.equal(headers['strict-transport-security'], secure ? 'max-age=31536000; includeSubDomains' : undefined, `${proto} of ${from}`);
        }
    });

    test('a token has its pace, and the others keep theirs', async () => {
        const token = api().tokens.analyst;
        const answers = await Promise.all(Array.from({ length: 80 }, (_, n) => ask(`127.0.1.${n % 8 + 1}`, { token })));
        const refused = answers.filter(({ status }) => status === 429);
        assert.ok(refused.length > 0 && refused.length <= 50, `${refused.length} of 80 refused`);
        refused.forEach(checkRefusal);
        assert.equal((await ask('127.0.1.1', { token: api().tokens.enrolment })).status, 200);
        await until('the pace again', async () => (await ask('127.0.1.1', { token })).status === 200);
    });

    test('without a token, the address has one, on open routes too', async () => {
        const open = [];
        while (open.length < 1000 && !open.includes(429)) {
            open.push(...await Promise.all(Array.from({ length: 10 }, () => ask('127.0.2.1', { path: '/livez' }).then(({ status }) => status))));
        }
        assert.ok(open.includes(429), `${open.length} asked`);
        assert.ok(open.filter((status) => status === 200).length >= 30);
        assert.equal((await ask('127.0.2.2', { path: '/livez' })).status, 200);
    });

    /** A socket that is held: { socket, closed: promise of the time it was closed }. */
    const hold = (from) => {
        const socket = connect({ port, host: '127.0.0.1', localAddress: from });
        socket.on('error', () => {});
        hostile++;
        return { socket, closed: new Promise((done) => socket.on('close', () => done(Date.now()))) };
    };

    test('an address has its number of connections', async () => {
        const held = Array.from({ length: 30 }, () => hold('127.0.3.1'));
        const early = await Promise.all(held.map(({ closed }) => Promise.race([closed.then(() => 1), sleep(1000).then(() => 0)])));
        assert.equal(early.reduce((a, b) => a + b), 10, 'ten too many');
        assert.equal((await ask('127.0.3.2', { path: '/livez' })).status, 200);
        held.forEach(({ socket }) => socket.destroy());
        await until('room again', () => ask('127.0.3.1', { path: '/livez' }).then(({ status }) => status === 200, () => false));
    });

    test('a burst of connections is shared by the threads', async () => {
        const burst = Array.from({ length: 16 }, () => hold('127.0.3.4'));
        await Promise.all(burst.map(({ socket }) => once(socket, 'connect')));
        const held = async () => [...(await ask('127.0.3.5', { path: '/metrics', token: api().tokens.operator })).body
            .matchAll(/^bptm_http_connections\{thread="\d"\} (\d+)$/gm)].map((m) => Number(m[1]));
        const threads = await until('all of them', async () => {
            const now = await held();
            return now.reduce((a, b) => a + b) >= 16 && now;
        });
        assert.equal(threads.length, 2);
        assert.ok(Math.abs(threads[0] - threads[1]) <= 1, threads.join(' and '));
        burst.forEach(({ socket }) => socket.destroy());
        await until('all of them gone', async () => (await held()).reduce((a, b) => a + b) <= 2);
    });

    const drip = async ({ socket, closed }, text) => {
        const begun = Date.now();
        let over = false;
        closed.then(() => (over = true));
        for (const byte of text) {
            if (over) {
                break;
            }
            socket.write(byte);
            await sleep(200);
        }
        socket.end();
        return await closed - begun;
    };

    test('a head or body that drips in is cut, however lively it is', async () => {
        const head = `GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(60)}`;
        const body = `POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer ${api().tokens.enrolment}\r\nContent-Length: 1000\r\n\r\n`;
        const whole = hold('127.0.4.3');
        whole.socket.write(body);
        const times = await Promise.all([
            drip(hold('127.0.4.1'), head), drip(hold('127.0.4.2'), `GET /${'a'.repeat(80)}`), drip(whole, '{"name":"'.padEnd(70, 'a')),
        ]);
        times.forEach((ms) => assert.ok(ms < 8000, `cut after ${times}`));
    });

    test('the hostile requests are counted', (t) => {
        t.diagnostic(`hostile: ${hostile} requests and connections against the limits, ${api().hostile} refused for what they are`);
        assert.ok(hostile > 150);
        figure('hostile-requests', hostile + api().hostile);
    });
}
