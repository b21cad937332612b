// Drafts before they are in force: who moves in, who moves out, who has a device; then published.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';
import { home, request, toInstallable } from './suite_life.mjs';

const valley = { longitude: -121.70, latitude: 38.80, circuit_id: '012345699' };
const meadow = { longitude: -121.80, latitude: 38.80, circuit_id: '012345699' };
const today = new Date().toISOString().slice(0, 10);

export function preview(get) {
    const at = {};
    const operator = {
        get: (target, status = 200) => get().expect(status, 'GET', target, { role: 'operator' }),
        post: (target, body, status = 201) => get().expect(status, 'POST', target, { role: 'operator', body }),
    };
    const staff = (target, body, status = 201) => get().expect(status, 'POST', target, { role: 'enrolment', body });
    const ask = (body, status = 202) => operator.post('/v1/previews', { programme: 't-preview', ...body }, status);
    const make = (body) => get().previewed({ role: 'operator', body: { programme: 't-preview', ...body } });
    const publish = (id, status = 200) => operator.post(`/v1/previews/${id}/publications`, undefined, status);
    const moves = async (id, query = '') => (await operator.get(`/v1/previews/${id}/changes?limit=200${query}`)).items
        .filter((c) => c.code.startsWith('SP-PV')).map((c) => `${c.code.slice(3)} ${c.direction} ${c.before} ${c.after}${c.has_hardware ? ' hardware' : ''}${c.is_kept ? ' kept' : ''}`);
    const state = async (id) => (await get().expect(200, 'GET', `/v1/applications/${id}`, { role: 'enrolment' })).state;
    const ruleset = (version, rules, from = today) => get().exec(`select programme.ruleset_draft('t-preview', '${JSON.stringify({ version, title: `Version ${version}`, valid_from: from, rules })}')`);
    const area = (...any) => ({ code: 'AREA', kind: 'area', any });
    const active = () => get().exec("select string_agg(code || ' ' || version, ', ' order by code) from programme.zone_layer where active and code like 't-%'");

    test('a programme with a layer, a ruleset and homes in and out of it', async () => {
        await operator.post('/v1/programmes', { code: 't-preview', name: 'Previewed', kind: 'free' });
        await operator.post('/v1/programmes/t-preview/years', { season: 2025, opens_on: '2025-01-01' });
        await get().exec(`insert into programme.zone_layer (code, version, source, state, active) values ('t-map', 1, 'test', 'published', true), ('t-map', 2, 'test', 'draft', false);
            insert into programme.zone (zone_layer_id, name, tier, geom)
            select zone_layer_id, 'valley', 2, public.st_multi(public.st_makeenvelope(-121.75, 38.75, -121.65, 38.85, 4326)) from programme.zone_layer where code = 't-map' and version = 1
            union all
            select zone_layer_id, 'meadow', 2, public.st_multi(public.st_makeenvelope(-121.85, 38.75, -121.76, 38.85, 4326)) from programme.zone_layer where code = 't-map' and version = 2;
            insert into programme.ruleset (programme_id, version, title, valid_from, rules)
            select programme_id, 1, 'First', '2020-01-01', '[{"code": "AREA", "kind": "area", "any": [{"layer": "t-map"}]}, {"code": "PANEL", "kind": "service_amps", "max": 200}]'
            from programme.programme where code = 't-preview'`);
        for (const [name, premise] of [['PV1', valley], ['PV2', valley], ['PV3', meadow], ['PV4', { ...valley, service_amps: 400 }], ['PV5', valley]]) {
            at[name] = await home(get(), name, { premise });
        }
        for (const name of ['PV1', 'PV2']) {
            at[name].id = (await staff('/v1/applications', request(at[name], { programme: 't-preview' }))).id;
            assert.equal(await state(at[name].id), 'eligible');
        }
        await toInstallable(get(), at.PV2.id);
        await operator.post('/v1/devices', { serial: 'BPTM-PRV-02', public_key: 'f2'.repeat(32), model: 'BPTM-REF-30', hardware_revision: 'A' });
        await get().expect(201, 'POST', '/v1/devices/BPTM-PRV-02/assignments', { role: 'installer', body: { premise_id: at.PV2.premise_id, application_id: at.PV2.id } });
    });

    test('a new layer: who moves in and out, and who has a device; nothing else is written', async () => {
        const before = (await get().counts()).split(' ').filter((line) => !/preview|audit|idempotency/.test(line)).join(' ');
        const made = await make({ zone_layers: { 't-map': '2' } });
        assert.deepEqual(await moves(made.id), ['PV1 out eligible ineligible', 'PV2 out eligible ineligible hardware kept', 'PV3 in ineligible eligible', 'PV5 out eligible ineligible']);
        assert.deepEqual(await moves(made.id, '&direction=in'), ['PV3 in ineligible eligible']);
        assert.deepEqual(await moves(made.id, '&hardware=true'), ['PV2 out eligible ineligible hardware kept']);
        assert.ok(made.state === 'done' && made.note === null && made.created_at <= made.started_at && made.started_at <= made.ended_at, JSON.stringify(made));
        const { counts } = made;
        assert.ok(counts.in >= 1 && counts.out >= 3 && counts.hardware_out >= 1, JSON.stringify(counts));
        assert.equal(counts.eligible_after - counts.eligible_before, counts.in - counts.out);
        assert.ok(made.before.zone_layers.some((l) => l.code === 't-map' && l.version === 1) && made.after.zone_layers.some((l) => l.code === 't-map' && l.version === 2));
        assert.equal((await get().counts()).split(' ').filter((line) => !/preview|audit|idempotency/.test(line)).join(' '), before);
        assert.deepEqual([await active(), await state(at.PV1.id)], ['t-map 1', 'eligible']);
        at.layer = made;
        assert.equal((await get().expect(403, 'POST', `/v1/previews/${made.id}/publications`, { role: 'enrolment' })).type, 'urn:bptm:error:forbidden', 'enrolment publishes lists of generators only');
        const page = await operator.get(`/v1/previews/${made.id}/changes?limit=1`);
        assert.ok(page.items.length === 1 && page.next, 'lists are paged');
        assert.deepEqual((await operator.get('/v1/previews?limit=1')).items, [made]);
        assert.deepEqual(await operator.get(`/v1/previews/${made.id}`), made);
    });

    /** Hold the premises until they are freed, so that a preview takes as long; resolves when they are held. */
    async function hold() {
        const held = get().exec('begin; lock table programme.premise; select pg_sleep(120)').catch(() => {});
        await until('they are held', async () => (await get().exec("select count(*) from pg_locks where relation = 'programme.premise'::regclass and mode = 'AccessExclusiveLock' and granted")) === '1');
        return { free: async () => {
            await get().exec("select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'begin; lock table programme.premise; %'");
            await held;
        } };
    }
    const stateOf = async (id) => (await operator.get(`/v1/previews/${id}`)).state;
    const reach = (id, wanted) => until(`it is ${wanted}`, async () => (await stateOf(id)) === wanted, 30);
    const cancel = (id, status = 200) => operator.post(`/v1/previews/${id}/cancel`, undefined, status);

    test('one at a time is made; what is not done is not published; what is not over is cancelled, also while it is made', async () => {
        const held = await hold();
        const first = await ask({ zone_layers: { 't-map': '2' } });
        const second = await ask({ zone_layers: { 't-map': '2' } });
        assert.deepEqual([first.state, first.counts, first.started_at, first.ended_at], ['waiting', null, null, null]);
        await reach(first.id, 'running');
        assert.equal(await stateOf(second.id), 'waiting');
        for (const one of [first, second]) {
            assert.match((await publish(one.id, 409)).errors[0].detail, /^It is not done/);
        }
        assert.equal((await cancel(first.id)).state, 'cancelled');
        await reach(second.id, 'running');
        assert.equal((await cancel(second.id)).state, 'cancelled');
        await until('neither is made any more', async () => (await get().exec("select count(*) from pg_stat_activity where application_name = 'bptmd preview' and xact_start is not null")) === '0', 5);
        await held.free();
        assert.deepEqual([await stateOf(first.id), await stateOf(second.id), await moves(first.id)], ['cancelled', 'cancelled', []]);
        assert.match((await publish(first.id, 409)).errors[0].detail, /It is cancelled: make a new preview/);
        assert.equal((await cancel(first.id, 409)).type, 'urn:bptm:error:state-refused');
        await cancel(999999999, 404);
        const { items } = await operator.get(`/v1/audit?object=preview:${first.id}`);
        assert.deepEqual(items.map((a) => a.action), ['preview.cancel', 'preview.create']);
    });

    test('so many wait, and no more', async () => {
        const held = await hold();
        const asked = [];
        for (let n = 0; n < 32; n++) {
            asked.push(await ask({ quota: n }));
        }
        assert.equal((await ask({ quota: 33 }, 503)).type, 'urn:bptm:error:queue-full');
        await Promise.all(asked.map((one) => cancel(one.id)));
        await held.free();
        assert.equal((await make({ quota: 33 })).state, 'done');
    });

    test('a quota is a question; what is not there is told', async () => {
        const asked = await make({ quota: 7 });
        assert.deepEqual([asked.quota, asked.counts.in, asked.counts.out], [7, 0, 0]);
        assert.match((await publish(asked.id, 409)).errors[0].detail, /A quota is changed with its season/);
        assert.match((await ask({ zone_layers: { 't-map': '9' } }, 422)).errors[0].detail, /is not there: t-map 9/);
        assert.match((await ask({ circuit_lists: { nope: '1' } }, 422)).errors[0].detail, /is not there: nope 1/);
        assert.match((await ask({ ruleset: 77 }, 422)).errors[0].detail, /is not there: ruleset/);
        assert.match((await ask({ generator_list: 9999 }, 422)).errors[0].detail, /is not there: generator list 9999/);
        assert.equal((await ask({ programme: 'nope-such' }, 422)).errors[0].pointer, '/programme');
        const nothing = await make({});
        assert.match((await publish(nothing.id, 409)).errors[0].detail, /names nothing that is not in force/);
        await publish(999999999, 404);
    });

    test('a ruleset that is kept: applications keep that of their day, and the preview says so', async () => {
        await ruleset(2, [area({ layer: 't-map' }), { code: 'PANEL', kind: 'service_amps', max: 400 }, { code: 'VOLTAGE', kind: 'service_voltage', allowed: ['120/208'] }], '2030-01-01');
        const made = await make({ ruleset: 2 });
        assert.deepEqual(await moves(made.id), ['PV1 out eligible ineligible kept', 'PV2 out eligible ineligible hardware kept', 'PV5 out eligible ineligible']);
        const published = await publish(made.id);
        assert.ok(published.published_at && published.decided_again === 0);
        assert.match((await publish(made.id, 409)).errors[0].detail, /It was published/);
        const { items } = await operator.get('/v1/programmes/t-preview/rulesets');
        assert.deepEqual(items.map((r) => [r.version, r.state, r.valid_from, r.valid_to]), [[2, 'published', '2030-01-01', null], [1, 'published', '2020-01-01', '2030-01-01']]);
        await staff(`/v1/applications/${at.PV1.id}/decisions`);
        assert.equal(await state(at.PV1.id), 'eligible');
    });

    test('a preview that others have overtaken is not published', async () => {
        const other = await make({ zone_layers: { 't-map': '2' } });
        await get().exec("insert into programme.zone_layer (code, version, source, state, active) values ('t-other', 1, 'test', 'published', true)");
        assert.match((await publish(other.id, 409)).errors[0].detail, /make a new preview/);
        await get().exec("update programme.zone_layer set active = false where code = 't-other'");
    });

    test('with the policy re-decided those who wait are decided again; who has a device keeps it', async () => {
        const changed = await get().expect(200, 'PATCH', '/v1/programmes/t-preview', { role: 'operator', body: { grandfathering: 're-decided' } });
        assert.equal(changed.grandfathering, 're-decided');
        const made = await make({ zone_layers: { 't-map': '2' } });
        const { decided_again: again } = await publish(made.id);
        assert.ok(again >= 1);
        assert.deepEqual([await active(), await state(at.PV1.id), await state(at.PV2.id)], ['t-map 2', 'ineligible', 'installed']);
        const { items } = await operator.get(`/v1/audit?object=preview:${made.id}`);
        assert.deepEqual(items.map((a) => a.action), ['preview.publish', 'preview.create']);
    });

    test('a list of circuits: its draft shows and becomes what circuits are designated by', async () => {
        const circuits = { designation: 't-fast', source: 'test', circuits: [{ circuit_id: '012345699', valid_from: '2024-01-01' }] };
        const draft = await operator.post('/v1/circuit-lists', circuits);
        assert.deepEqual([draft.version, draft.state, draft.active, draft.circuits], [1, 'draft', false, 1]);
        assert.ok((await operator.get('/v1/circuit-lists?limit=200')).items.some((l) => l.id === draft.id));
        for (const [change, detail] of [[{ circuits: [{ circuit_id: '12345699', valid_from: '2024-01-01' }] }, /entry 1: circuit 12345699 is not known/], [{ circuits: [{ circuit_id: '012345699' }] }, /entry 1: valid_from is not a day/],
            [{ circuits: [{ circuit_id: '012345699', valid_from: '2024-02-30' }] }, /entry 1: valid_from is not a day/], [{ circuits: [{ circuit_id: '012345699', valid_from: '2024-02-02', valid_to: '2024-02-02' }] }, /entry 1: valid_to is not after valid_from/], [{ circuits: ['012345699'] }, /must be an array of/]]) {
            assert.match((await operator.post('/v1/circuit-lists', { ...circuits, ...change }, 422)).errors[0].detail, detail);
        }
        const rules = { version: 3, title: 'By circuit', valid_from: today, valid_to: '2030-01-01', rules: [area({ layer: 't-map' }, { designation: 't-fast' }), { code: 'PANEL', kind: 'service_amps', max: 200 }] };
        const target = '/v1/programmes/t-preview/rulesets';
        const kept = await operator.post(target, rules);
        assert.deepEqual([kept.version, kept.state, kept.valid_to, kept.published_at, kept.rules], [3, 'draft', '2030-01-01', null, rules.rules]);
        assert.equal((await operator.post(target, { ...rules, title: 'By circuits' })).title, 'By circuits', 'a draft may be made again');
        assert.match((await operator.post(target, { ...rules, version: 1 }, 422)).errors[0].detail, /is published, or in a preview/);
        assert.match((await operator.post(target, { ...rules, rules: [{ code: 'X', kind: 'nope' }] }, 422)).errors[0].detail, /rule 1: /);
        assert.equal((await operator.post(target, { ...rules, rules: [] }, 422)).errors[0].pointer, '/rules');
        await operator.post('/v1/programmes/nope/rulesets', rules, 404);
        await get().expect(403, 'POST', target, { role: 'enrolment', body: rules });
        const { items: [entry] } = await operator.get('/v1/audit?object=ruleset:t-preview%203');
        assert.deepEqual([entry.action, entry.role], ['ruleset.draft', 'operator']);
        const made = await make({ ruleset: 3, circuit_lists: { 't-fast': '1' } });
        assert.deepEqual((await moves(made.id, '&direction=in')).map((m) => m.slice(0, 6)), ['PV1 in', 'PV2 in', 'PV5 in']);
        assert.match((await publish(made.id, 409)).errors[0].detail, /in force from that day or a later one/);
        const alone = await make({ circuit_lists: { 't-fast': '1' } });
        await publish(alone.id);
        assert.equal(await get().exec("select string_agg(d.circuit_id, ',') || ' ' || (select count(*) from programme.circuit_list where designation = 't-fast') from programme.circuit_designation d where designation = 't-fast'"), '012345699 1');
    });

    test('a list of generators takes another person than who imported it', async () => {
        const mine = await get().exec(`with me as (select token_id from access.token where role = 'operator' order by created_at limit 1)
            insert into programme.generator_list (version, source, imported_by) select max(version) + 1, 'test', 'token:' || (select token_id from me) from programme.generator_list returning version`);
        const made = await make({ generator_list: Number(mine.split('\n')[0]) });
        const problem = await publish(made.id, 409);
        assert.equal(problem.type, 'urn:bptm:error:same-person');
        await get().exec(`update programme.generator_list set state = 'discarded' where version = ${mine.split('\n')[0]}`);
    });
}
