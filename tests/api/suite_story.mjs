// Every route as it is meant to be used.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalOf } from './fixture.mjs';
import { toInstallable } from './suite_life.mjs';
import { operations, problems } from './schema.mjs';

export const serial = 'BPTM-API-01';
const attestations = { owner_or_permission: true, access_agreed: true, survey_agreed: true };
const inFireZone = { city: 'Nevada City', postal_code: '95959', longitude: -121.0161, latitude: 39.2616, circuit_id: '012345601' };

export function story(get) {
    const at = {}; // ids that the steps leave for each other
    const api = new Proxy({}, { get: (_, name) => { const a = get(); return typeof a[name] === 'function' ? a[name].bind(a) : a[name]; } });

    test('open routes need no token', async () => {
        assert.deepEqual(await api.expect(200, 'GET', '/livez'), { status: 'ok' });
        const ready = await api.expect(200, 'GET', '/readyz');
        assert.deepEqual(Object.keys(ready.parts).sort(), ['database', 'job', 'mqtt']);
        assert.equal((await api.expect(200, 'GET', '/openapi.json')).openapi, '3.1.0');
    });

    test('a premise with all and with least', async () => {
        const full = { code: 'SP-API-1', address: '12 Sample Road', ...inFireZone, meter_number: 'M-API-1', meter_form: '2S', service_amps: 200, service_voltage: '120/240' };
        const { status, headers, body } = await api.call('POST', '/v1/premises', { role: 'enrolment', body: full });
        assert.equal(status, 201);
        assert.equal(headers.get('location'), `/v1/premises/${body.id}`);
        assert.deepEqual({ ...body, ...full }, body, 'comes back as it was given');
        const { circuit_id, ...least } = { ...inFireZone, code: 'SP-API-2', address: 'Ünïcode 🏠 5' };
        at.bare = await api.expect(201, 'POST', '/v1/premises', { role: 'enrolment', body: least });
        assert.equal(circuit_id, '012345601');
        assert.equal(at.bare.circuit_id, null);
        assert.equal(at.bare.address, 'Ünïcode 🏠 5');
        at.premise = await api.expect(200, 'GET', `/v1/premises/${body.id}`, { role: 'operator' });
        assert.deepEqual(at.premise, body);
    });

    test('premises are searched by any part', async () => {
        for (const q of ['sp-api-1', 'SAMPLE ROAD', 'm-api-1', '95959']) {
            const { items } = await api.expect(200, 'GET', `/v1/premises?limit=200&q=${encodeURIComponent(q)}`, { role: 'installer' });
            assert.ok(items.some((item) => item.id === at.premise.id), q);
        }
        const { items } = await api.expect(200, 'GET', '/v1/premises?q=100%25_nothing', { role: 'enrolment' });
        assert.deepEqual(items, []);
    });

    test('customer and account', async () => {
        at.customer = await api.expect(201, 'POST', '/v1/customers', { role: 'enrolment', body: { name: 'Zo\u00eb Sample', email: 'z@example.org', phone: '+1 530 555 0100', medical_baseline: true } });
        assert.deepEqual(await api.expect(200, 'GET', `/v1/customers/${at.customer.id}`, { role: 'enrolment' }), at.customer);
        const body = { number: 'AC-API-1', premise_id: at.premise.id, customer_id: at.customer.id, kind: 'residential' };
        at.account = await api.expect(201, 'POST', '/v1/accounts', { role: 'enrolment', body });
        assert.equal(at.account.active, true);
        assert.deepEqual(await api.expect(200, 'GET', `/v1/accounts/${at.account.id}`, { role: 'enrolment' }), at.account);
    });

    test('an application is decided at once, each rule with its reason', async () => {
        const body = { programme: 'bptm', premise_id: at.premise.id, account_id: at.account.id, generator: { make: 'DuroMax', model: 'XP13000HX' },
            attestations: { ...attestations, medical_needs_not_compromised: true, medical_needs_met_in_shutoff: true } };
        const answer = await api.call('POST', '/v1/applications', { role: 'enrolment', body });
        assert.equal(answer.status, 201, answer.text);
        at.application = answer.body;
        assert.equal(answer.headers.get('location'), `/v1/applications/${at.application.id}`);
        assert.equal(at.application.decision.outcome, 'eligible');
        assert.equal(at.application.state, 'eligible');
        const area = at.application.decision.rules.find((rule) => rule.code === 'AREA');
        assert.equal(area.result, 'pass');
        assert.match(area.sentence, /hftd tier 3.*circuit 012345601/s);
        assert.deepEqual(await api.expect(200, 'GET', `/v1/applications/${at.application.id}`, { role: 'enrolment' }), at.application);
        const { items } = await api.expect(200, 'GET', '/v1/applications?state=eligible', { role: 'enrolment' });
        assert.equal(items.find((item) => item.id === at.application.id).outcome, 'eligible');
    });

    test('it can be decided again, and decisions are read without what is personal by analysts', async () => {
        const again = await api.expect(201, 'POST', `/v1/applications/${at.application.id}/decisions`, { role: 'enrolment' });
        assert.equal(again.inputs_hash, at.application.decision.inputs_hash, 'same inputs, same hash');
        const target = `/v1/applications/${at.application.id}/decisions`;
        const full = await api.expect(200, 'GET', target, { role: 'enrolment' });
        assert.deepEqual(full.items.map((d) => d.id), [again.id, at.application.decision.id]);
        const coarse = await api.expect(200, 'GET', `/v1/decisions/${again.id}`, { role: 'analyst' });
        assert.deepEqual([coarse.inputs, coarse.rules], [null, again.rules]);
    });

    test('the rules of the day of the application hold; analysts do not read the one about health', async () => {
        const dated = (day) => api.exec(`update programme.application set created_at = '${day}' where application_id = ${at.application.id}`);
        await dated('2023-06-01');
        const old = await api.expect(201, 'POST', `/v1/applications/${at.application.id}/decisions`, { role: 'enrolment' });
        assert.equal(old.ruleset.version, 2023);
        const health = old.rules.filter((rule) => JSON.stringify(rule).includes('medical'));
        assert.equal(health.length, 1);
        const coarse = await api.expect(200, 'GET', `/v1/decisions/${old.id}`, { role: 'analyst' });
        assert.deepEqual(coarse.rules, old.rules.filter((rule) => rule !== health[0]));
        const { text } = await api.call('GET', `/v1/applications/${at.application.id}/decisions`, { role: 'analyst' });
        assert.ok(!/medical/i.test(text), 'nothing about health');
        await dated(at.application.created_at);
        await api.expect(201, 'POST', `/v1/applications/${at.application.id}/decisions`, { role: 'enrolment' });
    });

    test('generators are found although mistyped, and judged', async () => {
        const { items } = await api.expect(200, 'GET', '/v1/generators?q=duromx%20xp13000hx', { role: 'analyst' });
        assert.equal(items[0].model, 'XP13000HX');
        const verdict = await api.expect(200, 'GET', '/v1/compatibility?make=duromax&model=xp13000hx', { role: 'installer' });
        assert.ok(verdict.listed && verdict.list.version >= 1 && verdict.rules.length > 5);
        const none = await api.expect(200, 'GET', '/v1/compatibility?make=No&model=Such', { role: 'enrolment' });
        assert.deepEqual([none.listed, none.verdict], [false, 'unknown']);
    });

    test('a device is registered once and installed once', async () => {
        const body = { serial, public_key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', model: 'BPTM-REF-30', hardware_revision: 'A' };
        const first = await api.expect(201, 'POST', '/v1/devices', { role: 'operator', body });
        assert.deepEqual(await api.expect(200, 'POST', '/v1/devices', { role: 'operator', body }), first);
        const other = { ...body, public_key: body.public_key.replace('d7', 'd8') };
        const conflict = await api.expect(409, 'POST', '/v1/devices', { role: 'operator', body: other });
        assert.equal(conflict.errors[0].pointer, '/serial');
        const target = `/v1/devices/${serial}/assignments`;
        await toInstallable(api, at.application.id);
        const put = { premise_id: at.premise.id, application_id: at.application.id, from: '2026-01-01T02:00:00+02:00' };
        const assigned = await api.expect(201, 'POST', target, { role: 'installer', body: put });
        assert.equal(assigned.from, '2026-01-01T00:00:00.000Z');
        const { state } = await api.expect(200, 'GET', `/v1/applications/${at.application.id}`, { role: 'enrolment' });
        assert.equal(state, 'installed');
        await api.expect(409, 'POST', target, { role: 'operator', body: { premise_id: at.bare.id } });
        await api.expect(409, 'POST', `/v1/applications/${at.application.id}/decisions`, { role: 'enrolment' });
        const second = { ...body, serial: `${serial}B`, public_key: other.public_key };
        await api.expect(201, 'POST', '/v1/devices', { role: 'operator', body: second });
        for (const [field, value] of [['premise_id', 999999], ['application_id', 999999]]) {
            const problem = await api.expect(422, 'POST', `/v1/devices/${second.serial}/assignments`, { role: 'operator', body: { premise_id: at.bare.id, [field]: value } });
            assert.equal(problem.errors[0].pointer, `/${field}`);
        }
        await api.expect(404, 'POST', '/v1/devices/NO-SUCH-1/assignments', { role: 'operator', body: put });
    });

    test('a command waits for the device, and says for what', async () => {
        const target = `/v1/devices/${serial}/commands`;
        const ask = (status, body, name = serial) => api.expect(status, 'POST', `/v1/devices/${name}/commands`, { role: 'operator', body });
        const first = await ask(201, { command: 'settings', return_ms: 60000, policy: 1 });
        assert.deepEqual([first.state, first.arguments, first.sends], ['queued', { return_ms: 60000, policy: 1 }, 0]);
        const second = await ask(201, { command: 'field_work', duration_ms: 0, expires_in_s: 60 });
        assert.ok(second.counter > first.counter);
        assert.deepEqual(await api.expect(200, 'GET', `${target}/${second.counter}`, { role: 'operator' }), second);
        const { items, next } = await api.expect(200, 'GET', `${target}?limit=1`, { role: 'operator' });
        assert.deepEqual(items, [second]);
        const rest = await api.expect(200, 'GET', `${target}?cursor=${next}`, { role: 'operator' });
        assert.deepEqual(rest.items.map((c) => [c.counter, c.command]), [[first.counter, 'settings']]); // it may be on its way by now
        for (const [body, pointer] of [
            [{ command: 'identify' }, '/duration_ms'],
            [{ command: 'identify', duration_ms: 600001 }, '/duration_ms'],
            [{ command: 'read', duration_ms: 1 }, '/duration_ms'],
            [{ command: 'read', return_ms: 60000 }, '/return_ms'],
            [{ command: 'settings' }, '/command'],
            [{ command: 'settings', return_ms: 999 }, '/return_ms'],
            [{ command: 'transfer' }, '/command'],
        ]) {
            const problem = await ask(422, body);
            assert.deepEqual(problem.errors.map((e) => e.pointer), [pointer], JSON.stringify(body));
        }
        await ask(404, { command: 'read' }, 'NO-SUCH-1');
        await api.expect(404, 'GET', `${target}/1`, { role: 'operator' });
        await api.expect(403, 'POST', target, { role: 'analyst', body: { command: 'read' } });
        for (let n = 2; n < 16; n++) await ask(201, { command: 'read' });
        await ask(409, { command: 'read' }); // too many are open
    });

    test('what the journal says is read back', async () => {
        await api.exec(journalOf(serial, at.premise.id));
        const device = await api.expect(200, 'GET', `/v1/devices/${serial}`, { role: 'installer' });
        assert.deepEqual(device.status.leds, { utility: 'off', generator: 'on', load: 'on', fault: 'blink_slow' });
        assert.deepEqual(device.status.contactors, { utility_closed: false, generator_closed: true });
        assert.deepEqual(device.status.faults, ['backfeed']);
        assert.deepEqual([device.status.state, device.status.reset_cause, device.status.load_a], ['on_generator', 'power_on', 12.4]);
        assert.deepEqual(device.status.generator, { l1_v: 120.1, l2_v: 119.9, frequency_hz: 60.01 });
        assert.equal(device.model.led_colours.generator, 'amber');
        const { open_gaps, ...journal } = device.journal;
        assert.deepEqual(journal, { head: 5, claimed: 9, stored: 7, duplicates: 0, forks: 0, overwritten: 0, unaccounted: 2, receipted: 5 });
        assert.deepEqual(open_gaps.map((gap) => [gap.from, gap.to]), [[6, 7]]);
        const { gaps, forks, boots, receipts } = await api.expect(200, 'GET', `/v1/devices/${serial}/journal`, { role: 'operator' });
        assert.deepEqual([gaps.length, forks.length, boots.length, receipts.length], [2, 1, 1, 1]);
    });

    test('devices are listed, for analysts without their places', async () => {
        const { items } = await api.expect(200, 'GET', '/v1/devices?state=registered', { role: 'operator' });
        assert.equal(items.find((d) => d.serial === serial).assignment.premise_id, at.premise.id);
    });

    test('records by sequence, by kind, and of a kind that is newer than the server', async () => {
        const target = `/v1/devices/${serial}/records`;
        const { items } = await api.expect(200, 'GET', target, { role: 'operator' });
        assert.deepEqual(items.map((r) => r.kind), ['boot', 'utility_lost', 'transferred_to_generator', 'utility_restored', 'transferred_to_utility', '99', '99']);
        assert.deepEqual(items.at(-1).extra, { 48: 7 });
        assert.equal(items[4].cause, 'return_timer');
        assert.ok(items.every((r) => Date.parse(r.latest_at) <= Date.parse(r.received_at)), 'none was written after it was received');
        const after = await api.expect(200, 'GET', `${target}?after=5&limit=1`, { role: 'operator' });
        assert.deepEqual(after.items.map((r) => r.seq), [8]);
        const next = await api.expect(200, 'GET', `${target}?after=5&limit=1&cursor=${after.next}`, { role: 'operator' });
        assert.deepEqual(next.items.map((r) => r.seq), [9]);
        const kind = await api.expect(200, 'GET', `${target}?kind=transferred_to_utility`, { role: 'operator' });
        assert.deepEqual(kind.items.map((r) => r.seq), [5]);
    });

    test('outages in full for operators, coarse for analysts', async () => {
        const { items } = await api.expect(200, 'GET', `/v1/outages?device=${serial}`, { role: 'operator' });
        assert.deepEqual(items.map((o) => o.state), ['open', 'closed']);
        const [, closed] = items;
        assert.deepEqual([closed.minutes, closed.minutes_on_generator, closed.retransfer_delay_ms, closed.premise_id], [30, 25, 12000, at.premise.id]);
        assert.deepEqual(await api.expect(200, 'GET', `/v1/outages/${closed.id}`, { role: 'operator' }), closed);
        const coarse = await api.expect(200, 'GET', `/v1/outages/${closed.id}`, { role: 'analyst' });
        assert.deepEqual([coarse.device, coarse.premise_id, coarse.longitude, coarse.latitude], [null, null, -121.02, 39.26]);
        for (const query of [`premise_id=${at.premise.id}`, `device=${serial}`]) {
            await api.expect(403, 'GET', `/v1/outages?${query}`, { role: 'analyst' });
        }
        const ids = async (query) => (await api.expect(200, 'GET', `/v1/outages?device=${serial}&${query}`, { role: 'operator' })).items.map((o) => o.id);
        assert.deepEqual(await ids('state=closed'), [closed.id]);
        assert.deepEqual(await ids('to=2026-01-02T12:00:00Z'), [closed.id]);
        assert.deepEqual(await ids('from=2026-01-02T03:34:05Z'), [items[0].id], 'an open one lasts beyond any time');
        assert.deepEqual(await ids('from=2026-01-02T03:34:04Z'), [items[0].id, closed.id]);
        const byPremise = await api.expect(200, 'GET', `/v1/outages?premise_id=${at.premise.id}&state=open`, { role: 'operator' });
        assert.equal(byPremise.items.length, 1);
    });

    test('quarantine, loss ledger and figures', async () => {
        const all = await api.expect(200, 'GET', '/v1/quarantine', { role: 'operator' });
        assert.ok(all.items.some((q) => q.serial === null && q.reason === 'topic-invalid'));
        const one = await api.expect(200, 'GET', `/v1/quarantine?serial=${serial}&reason=cose-signature`, { role: 'operator' });
        assert.deepEqual(one.items.map((q) => q.head), ['616263']);
        const ledger = await api.expect(200, 'GET', '/v1/loss-ledger', { role: 'operator' });
        const coarse = await api.expect(200, 'GET', '/v1/loss-ledger', { role: 'analyst' });
        assert.deepEqual([coarse.unaccounted, coarse.open], [2, ledger.open.map((d) => ({ ...d, serial: null }))]);
        assert.deepEqual(ledger.open.map((d) => [d.serial, d.unaccounted]), [[serial, 2]]);
        assert.equal(ledger.unaccounted, 2);
        assert.equal(ledger.receipted, Number(await api.exec('select sum(receipted) from analytics.loss_ledger')));
        assert.equal(ledger.open_gaps, Number(await api.exec('select count(*) from fleet.journal_gap where closed_at is null')));
        assert.equal(ledger.quarantined, Number(await api.exec('select count(*) from fleet.quarantine')));
        assert.ok(ledger.quarantined > 0 && ledger.open_gaps > 0);
    });

    test('programmes, rulesets, layers and circuits', async () => {
        const { items } = await api.expect(200, 'GET', '/v1/programmes', { role: 'installer' });
        assert.equal(items.find((p) => p.code === 'bptm').ruleset.version, 2025);
        const rulesets = await api.expect(200, 'GET', '/v1/programmes/bptm/rulesets', { role: 'analyst' });
        assert.deepEqual(rulesets.items.map((r) => r.version), [2025, 2023, 2022, 2021]);
        await api.expect(404, 'GET', '/v1/programmes/nope/rulesets', { role: 'analyst' });
        const layers = await api.expect(200, 'GET', '/v1/zone-layers', { role: 'operator' });
        assert.ok(layers.items.some((layer) => layer.active && layer.zones > 0));
        const circuits = await api.expect(200, 'GET', '/v1/circuits', { role: 'enrolment' });
        assert.ok(circuits.items.some((c) => c.id === '012345601' && c.designations.some((d) => d.designation === 'epss')));
        const metered = (query) => api.expect(200, 'GET', `/v1/circuits?metered=true${query}`, { role: 'analyst' });
        const all = await metered('&limit=200');
        const here = await api.expect(200, 'GET', '/collections/devices/items?limit=1000', { role: 'operator' });
        const ids = [...new Set(here.features.map((f) => f.properties.circuit_id).filter(Boolean))].sort();
        assert.ok(ids.length > 0 && ids.length < circuits.items.length);
        assert.deepEqual(all.items.map((c) => c.id), ids);
        assert.deepEqual((await metered('&limit=1')).items, all.items.slice(0, 1));
    });

    test('tokens: made, used, revoked', async () => {
        const made = await api.expect(201, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'analyst', label: 'for a test', days: 1 } });
        const me = await api.expect(200, 'GET', '/v1/me', { token: made.token });
        assert.deepEqual([me.id, me.role, me.label], [made.id, 'analyst', 'for a test']);
        const basic = `Basic ${Buffer.from(`anybody:${made.token}`).toString('base64')}`;
        await api.expect(200, 'GET', '/v1/outages', { headers: { authorization: basic } });
        const listed = await api.call('GET', '/v1/tokens', { role: 'admin' });
        assert.ok(listed.body.items.some((t) => t.id === made.id) && !listed.text.includes('bptm_'));
        await api.expect(204, 'DELETE', `/v1/tokens/${made.id}`, { role: 'admin' });
        await api.expect(401, 'GET', '/v1/me', { token: made.token });
        await api.expect(204, 'DELETE', `/v1/tokens/${made.id}`, { role: 'admin' });
        await api.expect(404, 'DELETE', '/v1/tokens/00000000-0000-4000-8000-000000000000', { role: 'admin' });
    });

    test('each write is in the audit, without what is personal', async () => {
        let text = '';
        for (let next = ''; next !== null;) {
            const page = await api.call('GET', `/v1/audit?limit=200${next && `&cursor=${next}`}`, { role: 'operator' });
            text += page.text;
            next = page.body.next;
        }
        for (const action of ['premise.create', 'customer.create', 'account.create', 'application.create', 'decision.create', 'device.create', 'device.assign', 'token.create', 'token.revoke']) {
            assert.ok(text.includes(`"${action}"`), action);
        }
        for (const personal of ['Zoë', 'z@example.org', '555 0100', 'Sample Road', 'medical_needs']) {
            assert.ok(!text.includes(personal), personal);
        }
        const { items } = await api.expect(200, 'GET', `/v1/audit?object=customer:${at.customer.id}`, { role: 'admin' });
        assert.deepEqual(items.at(-1).after.fields, ['medical_baseline', 'name', 'email', 'phone']);
        assert.deepEqual(items.map((a) => [a.action, a.role]), [...Array.from({ length: items.length - 1 }, () => ['customer.read', 'enrolment']), ['customer.create', 'enrolment']]);
    });

    test('the examples of the document are as its schemas say', () => {
        const bodies = operations(api.document).filter((op) => op.body);
        assert.ok(bodies.length > 6);
        for (const op of bodies) {
            assert.deepEqual(problems(op.example, op.body, api.document), [], op.path);
        }
    });

    test('every operation was answered as meant', () => {
        const elsewhere = /^\/v1\/imports|sign-in|^\/v1\/webhooks\/\{id\}\/./; // tests of their own: they need a provider, a receiver, the job
        const missed = operations(api.document).filter((op) => !elsewhere.test(op.path) &&
            !Object.keys(op.operation.responses).some((status) => status < 300 && api.seen.has(`${op.method} ${op.path} ${status}`)));
        assert.deepEqual(missed.map((op) => `${op.method} ${op.path}`), ['GET /metrics']);
    });
}
