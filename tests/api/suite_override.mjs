// Rules decided by hand: with a reason, until a time, seen in the decision, and over when they end.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { home, request } from './suite_life.mjs';

const later = (ms) => new Date(Date.now() + ms).toISOString();
const DAY = 86_400_000;

export function override(get) {
    const at = { programme: 'o-test' };
    const call = (status, method, target, body, role = 'enrolment') => get().expect(status, method, target, { role, body });
    const overrule = (id, body, status = 201, role) => call(status, 'POST', `/v1/applications/${id}/overrides`, { code: 'PANEL', result: 'pass', reason: 'the panel was changed', ...body }, role);
    const move = (id, action, reason, status = 200) => call(status, 'POST', `/v1/applications/${id}/transitions`, { action, ...(reason && { reason }) });
    const application = (id) => call(200, 'GET', `/v1/applications/${id}`);
    const decide = (id) => call(201, 'POST', `/v1/applications/${id}/decisions`);
    const apply = async (name, { amps = 400, ...more } = {}) =>
        call(201, 'POST', '/v1/applications', request(await home(get(), name, { premise: { service_amps: amps } }), { programme: at.programme, ...more }));

    test('a programme with two rules, and one place', async () => {
        await call(201, 'POST', '/v1/programmes', { code: at.programme, name: 'Overruled', kind: 'free' }, 'operator');
        await get().exec(`insert into programme.ruleset (programme_id, version, title, valid_from, rules)
            select programme_id, 1, 'two', '2020-01-01', '[{"code": "PANEL", "kind": "service_amps", "max": 200}, {"code": "METER", "kind": "meter_form", "allowed": ["2S"]}]'
            from programme.programme where code = '${at.programme}'`);
        await call(201, 'POST', `/v1/programmes/${at.programme}/years`, { season: 2025, quota: 1, opens_on: '2025-01-01' }, 'operator');
    });

    test('a finding is overruled: who, why and until when are in the decision and the audit', async () => {
        const { id, state } = await apply('OV1');
        assert.equal(state, 'ineligible');
        const until = later(30 * DAY);
        const made = await overrule(id, { expires_at: until });
        assert.deepEqual([made.code, made.result, made.reason, made.role, Date.parse(made.expires_at)], ['PANEL', 'pass', 'the panel was changed', 'enrolment', Date.parse(until)]);
        const now = await application(id);
        const [panel, meter] = now.decision.rules;
        assert.deepEqual([now.state, panel.result, meter.result], ['eligible', 'pass', 'pass']);
        assert.deepEqual([panel.evidence.override.reason, panel.evidence.override.by, Date.parse(panel.evidence.override.until)], [made.reason, 'enrolment', Date.parse(until)]);
        assert.match(panel.sentence, /the panel was changed/);
        const { items: [entry] } = await call(200, 'GET', `/v1/audit?object=override:${made.id}`, undefined, 'operator');
        assert.deepEqual([entry.action, entry.after.code, entry.after.reason, entry.after.result], ['override.create', 'PANEL', made.reason, 'pass']);

        const { items: seen } = await call(200, 'GET', `/v1/applications/${id}/audit`);
        assert.deepEqual(seen.slice(0, 3).map((a) => a.action), ['decision.create', 'application.decide_eligible', 'override.create'], 'and enrolment staff see it');

        await overrule(id, { result: 'none', reason: 'it was another house' });
        const back = await application(id);
        assert.deepEqual([back.state, back.decision.rules[0].result, back.decision.rules[0].evidence.override], ['ineligible', 'fail', undefined]);
        const { items } = await call(200, 'GET', `/v1/applications/${id}/overrides`);
        assert.deepEqual(items.map((o) => [o.result, o.expires_at === null]), [['pass', false], ['none', true]]);
        await overrule(id, { code: 'METER', result: 'fail', expires_at: until });
        assert.deepEqual((await application(id)).decision.rules.map((r) => r.result), ['fail', 'fail']);
    });

    test('what is refused: who may not, no reason, no such rule, a time that is past, missing or far', async () => {
        const { id } = await apply('OV2');
        for (const role of ['installer', 'operator', 'analyst']) {
            await overrule(id, { expires_at: later(DAY) }, 403, role);
        }
        for (const [body, pointer] of [[{ reason: undefined, expires_at: later(DAY) }, '/reason'], [{ code: 'NOPE', expires_at: later(DAY) }, '/code'], [{ result: 'maybe', expires_at: later(DAY) }, '/result'],
            [{ expires_at: later(-DAY) }, '/expires_at'], [{}, '/expires_at'], [{ expires_at: later(400 * DAY) }, '/expires_at'], [{ result: 'none', expires_at: later(DAY) }, '/expires_at']]) {
            assert.deepEqual((await overrule(id, body, 422)).errors.map((e) => e.pointer), [pointer], JSON.stringify(body));
        }
        await overrule(999999999, { expires_at: later(DAY) }, 404);
        assert.equal((await application(id)).state, 'ineligible');
        const draft = await apply('OV3', { draft: true });
        assert.match((await overrule(draft.id, { expires_at: later(DAY) }, 409)).detail, /has not been decided/);
    });

    test('when it has ended nothing rests on it: no approval, no place, and the next in line goes first', async () => {
        const [first, second, third] = [await apply('OV4', { amps: 200 }), await apply('OV5'), await apply('OV6', { amps: 200 })];
        await move(first.id, 'approve');
        const until = later(4000);
        await overrule(second.id, { expires_at: until });
        await get().exec(`update programme.application set eligible_at = now() - interval '1 day' where application_id = ${second.id}`);
        await move(second.id, 'waitlist');
        await move(third.id, 'waitlist');
        await sleep(Math.max(0, Date.parse(until) - Date.now()) + 50);
        await move(first.id, 'withdraw', 'sold the house');
        assert.deepEqual([(await application(second.id)).state, (await application(third.id)).state], ['waitlisted', 'approved']);
        const { items } = await call(200, 'GET', `/v1/queue?programme=${at.programme}&state=waitlisted`);
        assert.deepEqual(items.find((i) => i.id === second.id).missing.map((m) => m.code), ['OVERRIDE']);
        assert.equal((await decide(second.id)).outcome, 'ineligible');
        assert.equal((await application(second.id)).state, 'ineligible');

        const soon = later(1500);
        await overrule(second.id, { expires_at: soon });
        assert.equal((await application(second.id)).state, 'eligible');
        await move(third.id, 'withdraw', 'sold it, too');
        await sleep(Math.max(0, Date.parse(soon) - Date.now()) + 50);
        const refused = await move(second.id, 'approve', undefined, 409);
        assert.deepEqual(refused.errors.map((e) => [e.rule, e.detail]), [['DECISION_ELIGIBLE', 'The newest decision rests on an override of PANEL that has ended: it must be decided again.']]);
    });

    test('one who was passed over and is decided again gets the place that is left', async () => {
        const { id } = await apply('OV7', { amps: 200 });
        const other = await apply('OV8', { amps: 200 });
        await move(other.id, 'approve');
        const until = later(1500);
        await overrule(id, { code: 'METER', result: 'pass', expires_at: until });
        await move(id, 'waitlist');
        await sleep(Math.max(0, Date.parse(until) - Date.now()) + 50);
        await move(other.id, 'withdraw', 'sold it');
        assert.equal((await application(id)).state, 'waitlisted');
        await decide(id);
        assert.equal((await application(id)).state, 'approved');
    });
}
