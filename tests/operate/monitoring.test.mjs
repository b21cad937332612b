// Metrics, alerts and dashboard: a real Prometheus reads a real bptmd.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LiveDevice } from '../lib/device.mjs';
import { Stack, until } from '../lib/stack.mjs';

const top = fileURLToPath(new URL('../..', import.meta.url));
const read = (name) => readFileSync(path.join(top, name), 'utf8');
const dashboard = JSON.parse(read('deploy/monitoring/bptm-dashboard.json'));
const queries = dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => ({ title: panel.title, expr })));
let stack, page, prometheus, address;

/** Rows of the table of api/metrics.md: name -> { type, labels: { label: [values] } }. */
function documented() {
    const rows = [...read('api/metrics.md').matchAll(/^\| `(bptm_\w+)` \| (\w+) \| ([^|]*)\|/gm)];
    return Object.fromEntries(rows.map(([, name, type, labels]) => [name, {
        type,
        labels: Object.fromEntries(labels.includes(':')
            ? [[/`(\w+)`/.exec(labels)[1], labels.split(':')[1].split(',').map((v) => v.trim())]]
            : [...labels.matchAll(/`(\w+)`/g)].map((m) => [m[1], null])),
    }]));
}

/** The same of a page: families with their TYPE, and what labels their series had. */
function families(text) {
    const found = {};
    for (const line of text.trim().split('\n')) {
        const type = /^# TYPE (\w+) (\w+)$/.exec(line);
        const series = /^(\w+?)(?:_sum|_count)?(?:\{(.*)\})? [-\d.e+]+$/.exec(line);
        if (type) {
            found[type[1]] = { type: type[2], labels: {} };
        } else if (series && !line.startsWith('#')) {
            for (const [, name, value] of (series[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
                (found[series[1]].labels[name] ??= new Set()).add(value);
            }
        }
    }
    return found;
}

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/** A Prometheus of our own, with the configuration that is shipped but for address and pace. */
async function startPrometheus() {
    const dir = path.join(stack.dir, 'prometheus');
    mkdirSync(path.join(dir, 'data'), { recursive: true });
    writeFileSync(path.join(dir, 'bptm-token'), stack.tokens.operator, { mode: 0o600 });
    writeFileSync(path.join(dir, 'bptm-alerts.yml'), read('deploy/monitoring/bptm-alerts.yml'));
    writeFileSync(path.join(dir, 'prometheus.yml'), read('deploy/monitoring/prometheus.yml')
        .replaceAll('15s', '1s').replace('127.0.0.1:8080', new URL(stack.url).host));
    address = `127.0.0.1:${await freePort()}`;
    prometheus = spawn('prometheus', [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`,
        `--web.listen-address=${address}`, '--log.level=error'], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until('prometheus', async () => (await fetch(`http://${address}/-/ready`)).status === 200, 40);
}

async function query(expr) {
    const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const body = await answer.json();
    assert.equal(body.status, 'success', `${expr}: ${body.error}`);
    return body.data.result;
}

before(async () => {
    stack = await Stack.create({ users: ['WATCHED-1'] });
    await stack.start('mosquitto', 'bptmd');
    const device = await (await new LiveDevice(stack, 'WATCHED-1').register()).connect();
    device.write(1);
    await device.drain();
    await device.publish(Buffer.from('not a batch'));
    await until('its batch and the rubbish are counted', async () => {
        page = (await stack.request('GET', '/metrics', { role: 'operator' })).body;
        return /^bptm_quarantine_messages 1$/m.test(page) && /^bptm_receipts_total [1-9]/m.test(page) &&
            /^bptm_batches_total/m.test(page);
    });
    device.mqtt.end();
    await startPrometheus();
});

after(async () => {
    prometheus?.kill();
    await stack?.destroy();
});

test('promtool accepts the page', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
    assert.deepEqual([status, stdout + stderr], [0, '']);
});

test('every metric of the code is in the table, and nothing else', () => {
    const kinds = ['messages', 'batches'];
    const coded = {};
    const counted = [
        ...read('server/mqtt/tally.def').matchAll(/^TALLY\(\w+, "(\w+)", "([^"]*)"\)/gm),
        ...read('server/mqtt/group.c').matchAll(/counter_delta\)\{"(\w+)", (?:"([^"]*)"|error_slug)/g),
    ];
    for (const [, counter, value] of counted) {
        const row = coded[`bptm_${counter}_total`] ??= { type: 'counter', labels: {} };
        if (value === undefined) { // any error
            row.labels.reason = null;
        } else if (value) {
            (row.labels[kinds.includes(counter) ? 'kind' : 'reason'] ??= []).push(value);
        }
    }
    const results = [...read('server/job/flight.c').matchAll(/(?:\{CURLE_\w+,|return) "(\w+)"/g)].map((m) => m[1]);
    coded.bptm_webhook_tries_total = { type: 'counter', labels: { result: ['delivered', 'status', ...[...new Set(results)].sort()] } };
    assert.match(read('sql/routine/outage.webhook_record.sql'), /values \('webhook_tries', case when l_result = 'delivered' then l_result when in_status is not null then 'status'/);
    const others = read('server/http/api_metrics.c').matchAll(/"(bptm_[a-z_]+?)(?:_sum|_count)?(?=["{ ])/g);
    const names = new Set([...Object.keys(coded), ...[...others].map((m) => m[1])]);
    names.delete('bptm_'); // where the name of a counter is put together
    const table = documented();
    assert.deepEqual(Object.keys(table).sort(), [...names].sort());
    for (const [name, row] of Object.entries(coded)) {
        assert.deepEqual(table[name], row, name);
    }
});

test('the page is as the table says', () => {
    const table = documented();
    for (const [name, { type, labels }] of Object.entries(families(page))) {
        assert.equal(table[name]?.type, type, name);
        assert.deepEqual(Object.keys(labels).sort(), Object.keys(table[name].labels).sort(), name);
        for (const [label, values] of Object.entries(labels)) {
            const allowed = table[name].labels[label];
            assert.ok(!allowed || [...values].every((value) => allowed.includes(value)), `${name} ${label}`);
        }
    }
});

test('the audit\'s oldest row without a seal has its age, until it has one', async () => {
    const age = async () => Number(/^bptm_audit_unsealed_seconds (\d+)$/m.exec((await stack.request('GET', '/metrics', { role: 'operator' })).body)[1]);
    await until('all sealed', async () => (await stack.sql('select access.audit_seal_next(1000) as n'))[0].n === 0 && await age() === 0);
    await stack.request('POST', '/v1/customers', { role: 'enrolment', body: { name: 'Customer 12' } });
    await until('its age', async () => await age() >= 2);
    await until('its seal', async () => (await stack.sql('select access.audit_seal_next(1000) as n'))[0].n === 0 && await age() === 0);
});

const alerts = [...read('deploy/monitoring/bptm-alerts.yml').matchAll(/- alert: (\w+)/g)].map((m) => m[1]);

test('alerts: promtool tests each of them', () => {
    const tests = read('tests/operate/alerts.test.yml');
    for (const alert of alerts) {
        assert.match(tests, new RegExp(`alertname: ${alert}\\n +exp_alerts`), `${alert} is raised by no test`);
    }
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', path.join(top, 'tests/operate/alerts.test.yml')], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
});

test('alerts and dashboard name only metrics of the table', () => {
    const table = documented();
    const expressions = [...queries.map(({ expr }) => expr), ...[...read('deploy/monitoring/bptm-alerts.yml').matchAll(/expr: (.*)/g)].map((m) => m[1])];
    for (const expr of expressions) {
        for (const [, name] of expr.matchAll(/\b(bptm_\w+?)(?:_sum|_count)?\b(?!")/g)) {
            assert.ok(table[name], `${expr}: ${name}`);
        }
    }
});

test('every query of the dashboard has an answer', async () => {
    await until('five readings', async () => Number((await query('count_over_time(up{job="bptm"}[1m])'))[0]?.value[1]) >= 5);
    assert.ok(queries.length > 20);
    for (const { title, expr } of queries) {
        const answer = await query(expr.replaceAll('$__rate_interval', '1m'));
        assert.ok(answer.length > 0, `${title}: ${expr}`);
    }
});

test('Prometheus has loaded the alerts, and none is raised', async () => {
    const { data } = await (await fetch(`http://${address}/api/v1/rules`)).json();
    const rules = data.groups.flatMap((group) => group.rules);
    assert.deepEqual(rules.map((rule) => rule.name).sort(), [...alerts].sort());
    assert.deepEqual(rules.filter((rule) => rule.health === 'err'), []);
    assert.deepEqual(rules.filter((rule) => rule.state === 'firing').map((rule) => rule.name), []);
});
