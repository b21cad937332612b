// Webhooks, from an alarm to a receiver that verifies them: retries, order, ends, and where they must not go.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Receiver } from '../lib/receiver.mjs';
import { Stack, until } from '../lib/stack.mjs';

const DEVICE = 700001;
let stack, receiver, elsewhere, certs;

/** A certificate for 127.0.0.1 that vouches for itself. */
function selfSigned(name) {
    const file = (end) => path.join(certs, `${name}.${end}`);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
        '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key'), '-out', file('pem')], { stdio: 'ignore' });
    return { key: readFileSync(file('key')), cert: readFileSync(file('pem')), file: file('pem') };
}

before(async () => {
    certs = mkdtempSync(path.join(process.env.BPTM_WORK ?? '/var/tmp', 'certs-'));
    chmodSync(certs, 0o755);
    const trusted = selfSigned('trusted');
    stack = await Stack.create({ conf: `[job]\ninterval_ms = 100\n[webhook]\nunencrypted = yes\nnetworks = 127.0.0.1\nca_file = ${trusted.file}\n` });
    await stack.start('mosquitto', 'bptmd');
    receiver = await Receiver.start();
    elsewhere = { private: await Receiver.start({ address: '127.0.0.2' }), trusted: await Receiver.start({ tls: trusted }), strange: await Receiver.start({ tls: selfSigned('strange') }) };
    await stack.command('run', 'psql', '-Xq', '-c', `insert into fleet.device values (${DEVICE}, 'HOOK-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
        update outage.webhook_wait set wait = try * interval '200 ms'; delete from outage.webhook_wait where try > 3`);
}, { timeout: 120_000 });
after(async () => {
    for (const one of [receiver, ...Object.values(elsewhere ?? {})]) {
        await one?.stop();
    }
    await stack?.destroy();
    rmSync(certs, { recursive: true });
});

const rest = async (status, method, target, body, headers) => {
    const answer = await stack.request(method, target, { role: 'operator', body, headers });
    assert.equal(answer.status, status, `${method} ${target}: ${JSON.stringify(answer.body)}`);
    return answer.body;
};
const read = (hook) => rest(200, 'GET', `/v1/webhooks/${hook.id}`);
const messages = async (hook, state) => (await rest(200, 'GET', `/v1/webhooks/${hook.id}/messages?limit=200${state ? `&state=${state}` : ''}`)).items;
const ping = (hook) => rest(202, 'POST', `/v1/webhooks/${hook.id}/pings`);
const dropAll = () => stack.command('run', 'psql', '-Xq', '-c', 'delete from outage.webhook');

/** Subscribe a path of the receiver. */
async function subscribe(here, types = ['alarm.raised']) {
    const hook = await rest(201, 'POST', '/v1/webhooks', { url: here.url, description: 'test', types });
    assert.match(hook.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    here.secrets.push(hook.secret);
    return hook;
}

let seq = 0;
/** The device journals a latched backfeed, or that it is cleared; the job makes an alarm of it. */
const journal = (kind) => stack.command('run', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-c', `
    insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, hash)
    values (${DEVICE}, ${++seq}, '2025-03-01Z', now(), now(), ${seq}, 1, ${kind}, 2, 24, '');
    insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (${DEVICE}, sha256(''), ${seq}, ${seq}, now())
    on conflict (device_id) do update set stored = excluded.stored, claimed_seq = excluded.claimed_seq`);

test('an alarm is told as it is raised, acknowledged and cleared, signed and in order', async () => {
    const here = receiver.at('/alarms');
    await subscribe(here, ['alarm.raised', 'alarm.acknowledged', 'alarm.cleared']);
    await journal(10);
    await until('it is raised', () => here.got.length === 1);
    const [raised] = here.got;
    assert.deepEqual([raised.method, raised.type, raised.data.kind, raised.data.severity, raised.data.device], ['POST', 'alarm.raised', 'backfeed', 'critical', 'HOOK-1']);
    assert.equal(raised.headers['content-type'], 'application/json');
    assert.match(raised.headers['user-agent'], /^bptm-fleet\//);
    const alarm = await rest(200, 'GET', `/v1/alarms/${raised.data.id}`);
    assert.equal(alarm.raised_at, raised.timestamp);
    await rest(200, 'POST', `/v1/alarms/${alarm.id}/acknowledgements`, { note: 'Mrs Secret was called' });
    await journal(11);
    await until('it is cleared', () => here.got.length === 3);
    assert.deepEqual(here.got.map((m) => [m.type, m.data.number]), [['alarm.raised', 1], ['alarm.acknowledged', 2], ['alarm.cleared', 3]]);
    assert.equal(new Set(here.got.map((m) => m.id)).size, 3);
    assert.ok(!JSON.stringify(here.got).includes('Secret'), 'no note goes out');
    assert.deepEqual(here.refused, []);
    await dropAll();
});

test('failures are tried again under the same id, later ones wait, and the order stays', async () => {
    const here = receiver.at('/flaky', { answer: (response, n) => response.writeHead(n <= 2 ? 500 : 200).end('x'.repeat(n === 4 ? 1 << 20 : 1)) });
    const hook = await subscribe(here);
    for (let n = 0; n < 3; n++) {
        await ping(hook);
    }
    await until('all are delivered', async () => (await messages(hook, 'delivered')).length === 3, 30);
    const queued = (await messages(hook)).reverse();
    const [first, second, third] = queued.map((m) => m.message);
    assert.deepEqual(here.got.map((m) => m.id), [first, first, first, second, third]);
    assert.ok(here.got[1].at - here.got[0].at >= 190 && here.got[2].at - here.got[1].at >= 390, 'after the waits of the table');
    assert.deepEqual(queued.map((m) => [m.tries, m.status, m.error]), [[3, 200, null], [1, 200, null], [1, 200, null]]);
    assert.equal((await read(hook)).failing_since, null);
    await dropAll();
});

test('an answer that asks for time is given it, and one without end is not read', async () => {
    const busy = receiver.at('/busy', { answer: (response, n) => (n > 1 ? response.writeHead(204).end() : response.writeHead(503, { 'retry-after': '2' }).end()) });
    const wordy = receiver.at('/wordy', { answer: (response) => response.writeHead(200, { 'x-words': 'x'.repeat(20_000) }).end() });
    const hooks = [await subscribe(busy), await subscribe(wordy)];
    await ping(hooks[0]);
    await ping(hooks[1]);
    await until('it is delivered', async () => (await messages(hooks[0], 'delivered')).length === 1, 30);
    assert.ok(busy.got[1].at - busy.got[0].at >= 1_900, `${busy.got[1].at - busy.got[0].at} ms`);
    await until('it is given up', async () => (await messages(hooks[1], 'dead'))[0]?.error === 'answer', 30);
    await dropAll();
});

test('no answer, a refused connection and a redirect are failures; after the last a message is given up, and can be sent again', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await until('it listens', () => closed.listening);
    const { port } = closed.address();
    await new Promise((done) => closed.close(done));
    const moved = receiver.at('/moved', { answer: (response) => response.writeHead(302, { location: `${receiver.url}/target` }).end() });
    const target = receiver.at('/target');
    const refused = { url: `http://127.0.0.1:${port}/`, secrets: [] };
    const hooks = [[moved, 'status 302', 302], [refused, 'unreachable', null]];
    for (const row of hooks) {
        row.hook = await subscribe(row[0]);
        await ping(row.hook);
    }
    for (const [, error, status] of hooks) {
        const { hook } = hooks.find((row) => row[1] === error);
        await until(`${error}: given up`, async () => (await messages(hook, 'dead')).length === 1, 30);
        const [dead] = await messages(hook, 'dead');
        assert.deepEqual([dead.tries, dead.error, dead.status], [4, error, status]);
    }
    assert.equal(moved.got.length, 4);
    assert.equal(target.got.length + target.refused.length, 0, 'nobody followed the redirect');
    assert.equal((await read(hooks[0].hook)).enabled, true);

    moved.answer = undefined;
    const [dead] = await messages(hooks[0].hook, 'dead');
    await rest(202, 'POST', `/v1/webhook-messages/${dead.id}/redeliveries`);
    await until('it is delivered', async () => (await messages(hooks[0].hook, 'delivered')).length === 1);
    assert.equal(moved.got.at(-1).id, dead.message);
    await dropAll();
});

test('each way to fail has its word, and nobody is waited for longer than an hour', async () => {
    const raw = async (answer) => {
        const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer))).listen(0, '127.0.0.1');
        await until('it listens', () => server.listening);
        return { server, port: server.address().port };
    };
    const silent = await raw(''), strange = await raw('220 mail.example ESMTP\r\n'), long = receiver.at('/long', { answer: (response) => response.writeHead(503, { 'retry-after': '31536000' }).end() });
    for (const [url, word] of [['http://no-such-name.invalid/', 'unresolved'], [receiver.url.replace('http:', 'https:') + '/plain', 'tls'],
        [`http://127.0.0.1:${silent.port}/`, 'broken'], [`http://127.0.0.1:${strange.port}/`, 'protocol']]) {
        const hook = await subscribe({ url, secrets: [] });
        await ping(hook);
        await until(`${word}: given up`, async () => (await messages(hook, 'dead')).length === 1, 60);
        assert.deepEqual((await messages(hook)).map((m) => [m.error, m.status]), [[word, null]]);
    }
    const hook = await subscribe(long);
    await ping(hook);
    await until('it is put off', async () => (await messages(hook))[0].status === 503, 30);
    const [message] = await messages(hook);
    assert.ok(Math.abs(Date.parse(message.due_at) - Date.now() - 3_600_000) < 60_000, message.due_at);
    silent.server.close();
    strange.server.close();
    await dropAll();
});

test('whoever does not answer in time is tried again, and holds up nobody else', async () => {
    const slow = receiver.at('/slow', { answer: (response, n) => n > 1 && response.writeHead(200).end() });
    const quick = receiver.at('/quick');
    const hooks = [await subscribe(slow), await subscribe(quick)];
    await ping(hooks[0]);
    await until('it is on its way', () => slow.got.length === 1);
    await ping(hooks[1]);
    await until('the other has its own', () => quick.got.length === 1, 5);
    await until('it is delivered', async () => (await messages(hooks[0], 'delivered')).length === 1, 60);
    const [message] = await messages(hooks[0]);
    assert.equal(message.tries, 2);
    assert.ok(slow.got[1].at - slow.got[0].at >= 14_000);
    await dropAll();
});

test('410 ends it at once, and what waits is given up', async () => {
    const here = receiver.at('/gone', { answer: (response) => response.writeHead(410).end() });
    const hook = await subscribe(here);
    await ping(hook);
    const now = await until('it is disabled', async () => { const h = await read(hook); return !h.enabled && h; });
    assert.deepEqual([now.disabled_because, now.dead, now.waiting, here.got.length], ['gone', 1, 0, 1]);
    await rest(409, 'POST', `/v1/webhooks/${hook.id}/pings`);
    const again = await stack.request('GET', `/v1/webhooks/${hook.id}`, { role: 'operator' });
    here.answer = undefined;
    await rest(200, 'PATCH', `/v1/webhooks/${hook.id}`, { enabled: true }, { 'content-type': 'application/merge-patch+json', 'if-match': again.headers.get('etag') });
    await rest(202, 'POST', `/v1/webhooks/${hook.id}/redeliveries`);
    await until('it is delivered', async () => (await messages(hook, 'delivered')).length === 1);
    assert.equal(here.got[1].id, here.got[0].id);
    await dropAll();
});

test('a subscriber that fails for good is disabled', async () => {
    const here = receiver.at('/never', { answer: (response) => response.writeHead(404).end() });
    const hook = await subscribe(here);
    for (let n = 0; n < 5; n++) {
        await ping(hook);
    }
    const now = await until('it is disabled', async () => { const h = await read(hook); return !h.enabled && h; }, 60);
    assert.deepEqual([now.disabled_because, now.dead, now.waiting], ['failing', 5, 0]);
    assert.equal(here.got.length, 12, 'four tries each of three; two were not tried');
    const metrics = (await rest(200, 'GET', '/metrics')).split('\n');
    assert.ok(metrics.includes('bptm_webhooks{state="failing"} 1'), metrics.filter((l) => l.includes('webhook')).join('\n'));
    assert.ok(metrics.includes('bptm_webhook_messages{state="dead"} 5'));
    assert.ok(metrics.some((l) => /^bptm_webhook_tries_total\{result="status"\} \d+/.test(l)));
    await dropAll();
});

test('no address of our own side is connected to, whatever name leads there', async () => {
    const { private: other } = elsewhere;
    const here = other.at('/private');
    const hook = await subscribe(here), ten = await subscribe({ url: 'http://10.255.255.1/', secrets: [] }), six = await subscribe({ url: 'http://[::1]:9/', secrets: [] });
    for (const one of [hook, ten, six]) {
        await ping(one);
        await until('it is given up', async () => (await messages(one, 'dead'))[0]?.error === 'address', 30);
    }
    assert.equal(other.connections, 0, 'it was never reached');
    await dropAll();
});

test('https: of authorities that are trusted only', async () => {
    const good = elsewhere.trusted.at('/good'), bad = elsewhere.strange.at('/bad');
    const hooks = [await subscribe(good), await subscribe(bad)];
    await ping(hooks[0]);
    await ping(hooks[1]);
    await until('the one is delivered', () => good.got.length === 1);
    await until('the other is given up', async () => (await messages(hooks[1], 'dead'))[0]?.error === 'certificate', 30);
    assert.equal(bad.got.length, 0);
    await dropAll();
});

test('a new secret signs beside the old one', async () => {
    const here = receiver.at('/rotated');
    const hook = await subscribe(here);
    const { secret } = await rest(201, 'POST', `/v1/webhooks/${hook.id}/secrets`, { overlap_h: 1 });
    here.secrets.push(secret);
    await ping(hook);
    await until('it is delivered', () => here.got.length === 1);
    assert.deepEqual(here.got[0].signedBy, [hook.secret, secret]);
    const last = await rest(201, 'POST', `/v1/webhooks/${hook.id}/secrets`, { overlap_h: 0 });
    here.secrets = [hook.secret, secret, last.secret];
    await ping(hook);
    await until('it is delivered', () => here.got.length === 2);
    assert.deepEqual(here.got[1].signedBy, [last.secret]);
    const audit = await rest(200, 'GET', `/v1/audit?object=webhook:${hook.id}`);
    const kept = JSON.stringify(audit) + await stack.log('bptmd');
    [hook.secret, secret, last.secret].forEach((s) => assert.ok(!kept.includes(s) && !kept.includes(Buffer.from(s.slice(6), 'base64').toString('hex'))));
    assert.deepEqual(audit.items.map((a) => a.action), ['webhook.ping', 'webhook.rotate', 'webhook.ping', 'webhook.rotate', 'webhook.create']);
    await dropAll();
});

test('a server that is killed between sending and writing down sends again, under the same id', async () => {
    let kill;
    const here = receiver.at('/killed', { answer: (response, n) => (n > 1 ? response.writeHead(200).end() : (kill = stack.kill('bptmd'))) });
    const hook = await subscribe(here);
    await ping(hook);
    await ping(hook);
    await until('it arrived', () => here.got.length === 1);
    await kill;
    assert.deepEqual((await stack.sql('select state, tries from outage.webhook_message order by message_id')), [{ state: 'waiting', tries: 0 }, { state: 'waiting', tries: 0 }]);
    await stack.start('bptmd');
    await until('both are delivered', async () => (await messages(hook, 'delivered')).length === 2, 60);
    const [second, first] = (await messages(hook)).map((m) => m.message);
    assert.deepEqual(here.got.map((m) => m.id), [first, first, second]);
    await dropAll();
});
