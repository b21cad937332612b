// TLS at both ports, MQTT by the configuration that is shipped and REST by bptmd: what testssl.sh finds, and what a
// server that speaks it must do besides.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { connect as connectPlain, createServer } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { figure } from '../lib/figures.mjs';
import { Stack, until } from '../lib/stack.mjs';

const TIMEOUT_S = 2;
let stack, ca, port, mqttPort;
const own = (name) => stack.file(`certs/${name}`);
const files = { certificate_file: 'rest.pem', key_file: 'rest.key' };

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: number } = server.address();
    server.close();
    return number;
}

/** A key and a certificate for it of the fleet's authority, as the files NAME.key and NAME.pem of the stack's user. */
async function issue(name, curve = 'P-256') {
    const key = own(`${name}.key`), csr = own(`${name}.csr`);
    await stack.command('run', 'openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes', '-subj', '/CN=whoever', '-keyout', key, '-out', csr);
    await stack.command('run', 'rm', '-f', own(`${name}.pem`));
    await stack.command('ctl', 'ca', 'service', '--dir', stack.file('ca'), '--name', name, '--host', 'localhost', '--csr', csr, '--out', own(`${name}.pem`));
}

const hup = () => stack.command('run', 'sh', '-c', `kill -HUP $(pgrep -f 'bptmd .*${stack.file('second[.]conf')}')`);
const log = () => stack.log('bptmd-http');

/** One request: { status, headers, body, certificate } with the certificate that was shown. */
const ask = (target, { method = 'GET', headers = {}, body, agent } = {}) => new Promise((done, fail) => {
    const r = https.request({ host: '127.0.0.1', servername: 'localhost', port, ca, path: target, method, headers: { host: `localhost:${port}`, ...headers }, agent: agent ?? new https.Agent({ maxCachedSessions: 0 }) }, async (response) => {
        const certificate = response.socket.getPeerCertificate();
        let text = '';
        for await (const piece of response) {
            text += piece;
        }
        done({ status: response.statusCode, headers: response.headers, body: text, certificate });
    });
    r.on('error', fail);
    r.end(body);
});

before(async () => {
    stack = await Stack.create();
    await stack.command('run', 'mkdir', own(''));
    await stack.command('ctl', 'ca', 'init', '--dir', stack.file('ca'), '--name', 'fleet-test');
    ca = await stack.text('ca/ca.pem');
    await issue('broker');
    await issue('rest');
    mqttPort = await freePort();
    // the listener of devices, as it is shipped but for port and files
    const shipped = await readFile(new URL('../../deploy/mosquitto/bptm.conf', import.meta.url), 'utf8');
    const listener = shipped.slice(shipped.indexOf('# devices'), shipped.indexOf('# where bptmctl')).replaceAll('/var/lib/bptm-fleet/ca', stack.file('ca'))
        .replace('listener 8883', `listener ${mqttPort} 127.0.0.1`)
        .replaceAll('/etc/mosquitto/certs/broker.pem', own('broker.pem')).replaceAll('/etc/mosquitto/certs/broker.key', own('broker.key'));
    await writeFile(stack.file('mosquitto/extra'), listener);
    await stack.command('create');
    await stack.start('mosquitto', 'bptmd');
    port = await stack.startSecond({ timeout_s: TIMEOUT_S, certificate_file: own(files.certificate_file), key_file: own(files.key_file) });
}, { timeout: 120_000 });

after(async () => {
    await stack?.stop('bptmd-http');
    const text = await log();
    await stack?.destroy();
    assert.ok(!/Sanitizer|runtime error/.test(text), text.slice(-3000));
});

// -- REST ------------------------------------------------------------------------------------------------

test('what is answered says that only TLS will do, and links name it', async () => {
    for (const target of ['/livez', '/', '/nowhere', '/v1/me']) {
        const { headers } = await ask(target);
        assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains', target);
    }
    assert.match((await ask('/', { headers: { accept: 'application/json' } })).body, new RegExp(`"https://localhost:${port}/`));
});

test('who does not speak it gets no answer', async () => {
    const socket = connectPlain(port, '127.0.0.1');
    const got = [];
    socket.on('data', (data) => got.push(data)).on('error', () => {});
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'close');
    assert.ok(!Buffer.concat(got).includes('HTTP/'), Buffer.concat(got).toString());
});

test('the cookie of a session is Secure and of this host alone, and no other name of it counts', async () => {
    const body = JSON.stringify({ token: stack.tokens.operator });
    const { headers } = await ask('/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const [, secret] = /^__Host-bptm_session=([\w-]{43}); Path=\/; Max-Age=36000; HttpOnly; SameSite=Strict; Secure$/.exec(headers['set-cookie'][0]);
    assert.equal((await ask('/v1/session', { headers: { cookie: `__Host-bptm_session=${secret}` } })).status, 200);
    assert.equal((await ask('/v1/session', { headers: { cookie: `bptm_session=${secret}` } })).status, 401);
});

test('heads that two could read differently are refused here as without TLS, in single bytes too', async () => {
    const answers = async (bytes, step) => {
        const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
        const got = [];
        socket.on('data', (data) => got.push(data)).on('error', () => {});
        await once(socket, 'secureConnect');
        const closed = new Promise((done) => socket.on('close', done));
        for (let at = 0; at < bytes.length && got.length === 0; at += step) {
            socket.write(bytes.subarray(at, at + step));
            await new Promise((done) => setImmediate(done));
        }
        await closed;
        return [...Buffer.concat(got).toString().matchAll(/^HTTP\/1.1 (\d+)/gm)].map((m) => m[1]);
    };
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const heads = ['Content-Length: 4\r\nTransfer-Encoding: chunked', 'Content-Length: 4\r\nContent-Length: 5', 'Transfer-Encoding : chunked',
        'Transfer-Encoding:\r\n chunked', 'X: a\nContent-Length: 4'];
    for (const head of heads) {
        const bytes = Buffer.from(`POST /v1/session HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n0\r\n\r\n${smuggled}`);
        for (const step of [bytes.length, 1]) {
            assert.deepEqual(await answers(bytes, step), ['400'], `${head}, by ${step}`);
        }
    }
});

test('nobody makes the server begin a handshake again', async () => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, maxVersion: 'TLSv1.2' });
    const closed = new Promise((done) => socket.on('close', done));
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'secureConnect');
    assert.equal(socket.getProtocol(), 'TLSv1.2');
    const again = new Promise((done) => socket.renegotiate({}, (error) => done(error ? 'refused' : 'renegotiated')));
    assert.equal(await Promise.race([again, closed.then(() => 'closed')]), 'closed');
});

test('who says nothing, or half a handshake, is cut', async () => {
    for (const begin of [Buffer.alloc(0), Buffer.from('1603010200010001fc0303', 'hex')]) {
        const from = Date.now();
        const socket = connectPlain(port, '127.0.0.1').on('error', () => {});
        socket.write(begin);
        socket.resume();
        await once(socket, 'close');
        assert.ok(Date.now() - from < (2 * TIMEOUT_S + 4) * 1000, `${Date.now() - from} ms`);
    }
});

test('a renewed certificate is taken while connections live on, and a bad one is not', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const before = (await ask('/livez', { agent })).certificate.fingerprint256;
    await issue('rest', 'P-384');
    await hup();
    const renewed = await until('the new one', async () => {
        const now = (await ask('/livez')).certificate.fingerprint256;
        return now !== before && now;
    });
    assert.equal((await ask('/livez', { agent })).certificate.fingerprint256, before, 'its connection lives on');
    agent.destroy();

    await stack.command('run', 'sh', '-c', `cp '${own('broker.key')}' '${own('rest.key')}'`);
    await hup();
    await until('the refusal', async () => /event=http_certificate_refused .*the key is not of the certificate/.test(await log()));
    assert.equal((await ask('/livez')).certificate.fingerprint256, renewed);
    const page = (await ask('/metrics', { headers: { authorization: `Bearer ${stack.tokens.operator}` } })).body;
    const ends = Number(/^bptm_http_certificate_ends_seconds (\d+)$/m.exec(page)[1]);
    assert.equal(new Date(ends * 1000).getTime(), new Date((await ask('/livez')).certificate.valid_to).getTime());
    await issue('rest');
    await hup();
    await until('one of ours again', async () => (await ask('/livez')).certificate.fingerprint256 !== renewed);
});

test('many handshakes at once, and renewals between them', async () => {
    const all = Array.from({ length: 60 }, async (_, n) => {
        await sleep(n * 5);
        if (n % 10 === 5) {
            await hup();
        }
        return (await ask('/livez')).status;
    });
    assert.deepEqual(new Set(await Promise.all(all)), new Set([200]));
});

test('a server without a good pair does not start, and says why', async () => {
    const conf = await stack.text('second.conf');
    const refuse = async (change, why) => {
        await writeFile(stack.file('bad.conf'), change(conf).replace(/^port_file.*\n/m, ''), { mode: 0o644 });
        const said = await stack.command('run', 'sh', '-c', `'${process.env.BPTM_APP}/sbin/bptmd' --config='${stack.file('bad.conf')}' --only=http 2>&1; test $? = 1`);
        assert.match(said, why);
    };
    await refuse((c) => c.replace(/^key_file = .*certs.*\n/m, ''), /http_certificate_refused/);
    await refuse((c) => c.replace(/^(certificate_file = ).*certs.*$/m, `$1${stack.file('ca/ca.pem')}`), /the key is not of the certificate/);
    await stack.command('run', 'chmod', '644', own('rest.key'));
    await refuse((c) => c, /http_certificate_refused .*note="others can read it"/);
    await stack.command('run', 'chmod', '600', own('rest.key'));
});

// -- both, by testssl.sh ---------------------------------------------------------------------------------

/** What testssl.sh may find and why that is as it should be: [port, id, reason]. */
const explained = [
    ['rest', 'cert_revocation', 'the authority is our own; who publishes lists or answers OCSP is for one that browsers know'],
    ['mqtt', 'cert_revocation', 'devices are given the certificate of the broker anew, and the authority with it'],
    ['rest', 'secure_client_renego', 'the server ends the connection, as the test above shows; this one may take an end without an alert for consent'],
    ['mqtt', 'secure_client_renego', 'not tried: who has no certificate does not get that far'],
    ['mqtt', 'BREACH', 'not tried, likewise; there is no HTTP'],
    ['rest', 'engine_problem', 'not tried: ciphers of GOST, which need a module of openssl that the server cannot have either'],
    ['mqtt', 'engine_problem', 'not tried, likewise'],
    ['mqtt', 'service', 'nothing of HTTP is tried, for there is none'],
];

/** What judges: everything but the list of each cipher and what old browsers would make of it. */
const checks = ['--protocols', '--std', '--fs', '--server-preference', '--server-defaults', '--headers', '--vulnerable'];

/** Findings of severity LOW and above, and what could not be tried. */
async function testssl(name, target) {
    const file = path.join(stack.dir, `testssl-${name}.json`);
    const child = spawn('testssl', [...checks, '--jsonfile', file, '--severity', 'LOW', '--warnings', 'off', '--nodns', 'none', '--color', '0',
        '--quiet', '--add-ca', stack.file('ca/ca.pem'), target], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    await once(child, 'close');
    assert.match(said, /Testing vulnerabilities[^]* Done /, `${name}: it came to its end`);
    assert.match(said, /TLS 1\.2 +offered \(OK\)/);
    return JSON.parse(await readFile(file, 'utf8')).map(({ id, severity, finding }) => ({ name, id, severity, finding }));
}

test('testssl.sh finds nothing at either port that is not explained', async (t) => {
    const found = (await Promise.all([testssl('rest', `https://localhost:${port}/`), testssl('mqtt', `localhost:${mqttPort}`)])).flat();
    const open = found.filter(({ name, id }) => !explained.some((e) => e[0] === name && e[1] === id));
    found.forEach((f) => t.diagnostic(`${f.name}: ${f.id} ${f.severity}: ${f.finding}`));
    assert.deepEqual(open, []);
    figure('testssl-findings', open.length);
});
