// The life of an application: what may be done when, by whom, and which rule refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const place = { city: 'Nevada City', postal_code: '95959', longitude: -121.0161, latitude: 39.2616, circuit_id: '012345601' };

/** A premise with its customer and account; their ids. */
export async function home(api, name, { premise = {}, customer = {}, account = {} } = {}) {
    const post = (target, body) => api.expect(201, 'POST', target, { role: 'enrolment', body });
    const { id: premise_id } = await post('/v1/premises', { code: `SP-${name}`, address: `${name} Life Lane`, ...place, meter_form: '2S', service_amps: 200, service_voltage: '120/240', ...premise });
    const { id: customer_id } = await post('/v1/customers', { name: `Customer ${name}`, ...customer });
    const { id: account_id } = await post('/v1/accounts', { number: `AC-${name}`, premise_id, customer_id, kind: 'residential', ...account });
    return { premise_id, customer_id, account_id };
}

export const request = ({ premise_id, account_id }, more = {}) => ({
    programme: 'bptm', premise_id, account_id, generator: { make: 'DuroMax', model: 'XP13000HX' },
    attestations: { owner_or_permission: true, access_agreed: true, survey_agreed: true }, ...more,
});

/** An eligible application on its way until the crew has found that the device can go in. */
export async function toInstallable(api, id, { crew = 'utility', licence } = {}) {
    const post = (status, path, body, role) => api.expect(status, 'POST', `/v1/applications/${id}/${path}`, { role, body });
    await post(200, 'transitions', { action: 'approve' }, 'enrolment');
    const at = Date.now() + 86_400_000;
    await post(201, 'appointments', { purpose: 'survey', starts_at: new Date(at).toISOString(), ends_at: new Date(at + 3_600_000).toISOString(), crew: 'Crew 4' }, 'enrolment');
    return post(201, 'visits', { crew, ...(licence && { licence }), socket_form: '2S', panel_amps: 200, result: 'installable' }, 'installer');
}

export function life(get) {
    const at = {};
    const apply = async (name, more) => get().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(await home(get(), name), more) });
    const move = (status, id, action, { role = 'enrolment', reason } = {}) =>
        get().expect(status, 'POST', `/v1/applications/${id}/transitions`, { role, body: { action, ...(reason && { reason }) } });
    const rules = (problem) => problem.errors.map((e) => e.rule);
    const actions = async (id, role = 'enrolment') => Object.fromEntries(
        (await get().expect(200, 'GET', `/v1/applications/${id}`, { role })).actions.map((a) => [a.action, a]));

    test('a draft waits until it is submitted', async () => {
        at.draft = await apply('L1', { draft: true });
        assert.deepEqual([at.draft.state, at.draft.decision, at.draft.eligible_at], ['draft', null, null]);
        const can = await actions(at.draft.id);
        assert.deepEqual(Object.keys(can), ['close', 'submit', 'withdraw']);
        assert.deepEqual([can.submit.to, can.submit.allowed, can.withdraw.needs_reason], ['submitted', true, true]);
        const submitted = await move(200, at.draft.id, 'submit');
        assert.equal(submitted.state, 'submitted');
        await get().expect(201, 'POST', `/v1/applications/${at.draft.id}/decisions`, { role: 'enrolment' });
        const { state, eligible_at } = await get().expect(200, 'GET', `/v1/applications/${at.draft.id}`, { role: 'enrolment' });
        assert.equal(state, 'eligible');
        assert.ok(eligible_at);
    });

    test('a refused action says which rules refused, in code and words, and changes nothing', async () => {
        const { id } = at.draft;
        const wrong = await move(409, id, 'schedule');
        assert.deepEqual([wrong.type, rules(wrong), wrong.detail], ['urn:bptm:error:state-refused', ['STATE'], 'An application that is eligible does not have the action schedule.']);
        assert.deepEqual(rules(await move(409, id, 'approve', { role: 'installer' })), ['ROLE']);
        const lacking = await move(409, id, 'withdraw');
        assert.deepEqual(lacking.errors, [{ pointer: '/reason', rule: 'REASON', detail: 'It takes a reason.' }]);
        assert.deepEqual(rules(await move(409, id, 'waitlist')), ['QUOTA_USED']);
        const can = await actions(id);
        assert.deepEqual([can.approve.allowed, can.waitlist.refusals], [true, [{ code: 'QUOTA_USED', sentence: 'The season has places left.' }]]);
        assert.deepEqual((await actions(id, 'installer')).approve.refusals.map((r) => r.code), ['ROLE']);
        await move(404, 999999999, 'approve');
        assert.equal((await get().expect(200, 'GET', `/v1/applications/${id}`, { role: 'enrolment' })).state, 'eligible');
    });

    test('each step is kept, with who and why, and is in the audit', async () => {
        const { id } = at.draft;
        await move(200, id, 'withdraw', { reason: 'the customer has bought a battery' });
        const again = await move(200, id, 'reopen', { reason: 'and has sold it' });
        assert.deepEqual([again.state, again.state_reason, again.eligible_at], ['submitted', 'and has sold it', null]);
        const { items } = await get().expect(200, 'GET', `/v1/applications/${id}/transitions`, { role: 'enrolment' });
        assert.deepEqual(items.map((t) => [t.action, t.from, t.to, t.role]), [['submit', 'draft', 'submitted', 'enrolment'],
            ['decide_eligible', 'submitted', 'eligible', 'DECISION'], ['withdraw', 'eligible', 'withdrawn', 'enrolment'], ['reopen', 'withdrawn', 'submitted', 'enrolment']]);
        const { items: audit } = await get().expect(200, 'GET', `/v1/audit?object=application:${id}&limit=1`, { role: 'operator' });
        assert.deepEqual(audit.map((a) => [a.action, a.before, a.after, a.reason]), [['application.reopen', { state: 'withdrawn' }, { state: 'submitted' }, 'and has sold it']]);
        await get().expect(404, 'GET', '/v1/applications/999999999/transitions', { role: 'enrolment' });
        const { items: listed } = await get().expect(200, 'GET', '/v1/applications?state=submitted', { role: 'installer' });
        assert.ok(listed.some((a) => a.id === id));
    });
}
