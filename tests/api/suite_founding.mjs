// The founding case: a home in a high fire-risk area and one on a high-outage circuit, each with a 30 A
// generator of the list, free; one that is in neither, paid; and the neighbours that fail one rule each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { home, request, toInstallable } from './suite_life.mjs';

// the sample's districts, the utility's own area, a fast-trip circuit, and a valley that is in none of them
const places = {
    tier3: { longitude: -120.95, latitude: 39.30, circuit_id: '012345699' },
    tier2: { longitude: -120.80, latitude: 39.15, circuit_id: '012345699' },
    own: { longitude: -121.26, latitude: 39.04, circuit_id: '012345699' },
    outages: { longitude: -121.60, latitude: 38.90, circuit_id: '012345601' },
    valley: { longitude: -121.60, latitude: 38.90, circuit_id: '012345699' },
};
const why = {
    tier3: 'The premise is in hftd tier 3 (Sample tier 3).',
    tier2: 'The premise is in hftd tier 2 (Sample tier 2).',
    own: 'The premise is in hfra (Sample high fire risk area).',
    outages: 'The premise is on circuit 012345601, epss since 2022-06-01.',
    valley: 'The premise is in none of these areas: hftd tier 2 or 3; hfra; a circuit with epss.',
};

// of the first home: what differs, the one rule that says no (or does not know), and its sentence
const neighbours = [
    ['AREA', 'fail', { premise: places.valley }, why.valley],
    ['AREA', 'unknown', { premise: { ...places.valley, circuit_id: undefined } }, 'Whether the premise is in the area is not known: its circuit is not known.'],
    ['ACCOUNT', 'fail', { account: { kind: 'business' } }, 'The account is a business account.'],
    ['ACCOUNT', 'fail', { account: { active: false } }, 'The account is not active.'],
    ['VOLTAGE', 'fail', { premise: { service_voltage: '120/208' } }, 'The voltage of the service is 120/208; it must be 120/240.'],
    ['VOLTAGE', 'unknown', { premise: { service_voltage: undefined } }, 'The voltage of the service is not known.'],
    ['PANEL', 'fail', { premise: { service_amps: 400 } }, 'The panel is 400 A; the rule allows up to 200 A.'],
    ['TENURE', 'fail', { agreed: { owner_or_permission: false } }, 'The customer neither owns the premise nor has the owner\'s permission.'],
    ['ACCESS', 'fail', { agreed: { access_agreed: false } }, 'Access to the site is not agreed.'],
    ['GENERATOR', 'fail', { generator: { make: 'Bluetti', model: 'AC300 + B300' } }, 'The Bluetti AC300 + B300 is not compatible.'],
    ['GENERATOR', 'unknown', { generator: { make: 'Acme', model: 'Shed 1' } }, 'The Acme Shed 1 is not on the list of generators.'],
];

export function founding(get) {
    const at = {};
    const post = (target, body, role = 'enrolment', status = 201) => get().expect(status, 'POST', target, { role, body });
    const apply = async (name, { premise, account, agreed, generator, programme = 'bptm' } = {}) => {
        const ids = await home(get(), name, { premise: { ...places.tier3, ...premise }, account });
        const { attestations, ...asked } = request(ids, { programme });
        return post('/v1/applications', { ...asked, ...(generator && { generator }), attestations: { ...attestations, ...agreed } });
    };
    const rule = (application, code) => application.decision.rules.find((r) => r.code === code);
    const failing = (application) => application.decision.rules.filter((r) => !['pass', 'not_applicable'].includes(r.result)).map((r) => [r.code, r.result]);
    const install = async (application, serial, options) => {
        await toInstallable(get(), application.id, options);
        await post('/v1/devices', { serial, public_key: Buffer.from(serial.padEnd(32)).toString('hex'), model: 'BPTM-REF-30', hardware_revision: 'A' }, 'operator');
        await post(`/v1/devices/${serial}/assignments`, { premise_id: application.premise_id, application_id: application.id }, 'installer');
        return get().expect(200, 'GET', `/v1/applications/${application.id}`, { role: 'enrolment' });
    };

    for (const [place, reason] of Object.entries(why).filter(([name]) => name !== 'valley')) {
        test(`${place}: this reason alone suffices, and the application names it`, async () => {
            at[place] = await apply(`F-${place}`, { premise: places[place] });
            assert.deepEqual([at[place].state, failing(at[place])], ['eligible', []]);
            assert.equal(rule(at[place], 'AREA').sentence, reason);
            assert.equal(rule(at[place], 'AREA').evidence.matched.length, 1);
            assert.match(rule(at[place], 'GENERATOR').sentence, /^The DuroMax XP13000HX is compatible/);
        });
    }

    test('both are installed free, by the utility\'s own crew', async () => {
        const { kind } = await get().expect(200, 'GET', '/v1/programmes/bptm', { role: 'enrolment' });
        assert.equal(kind, 'free');
        for (const [place, serial] of [['tier3', 'BPTM-FND-03'], ['outages', 'BPTM-FND-04']]) {
            const { state, decision } = await install(at[place], serial);
            assert.deepEqual([state, rule({ decision }, 'AREA').sentence], ['installed', why[place]], 'and the reason stays');
        }
    });

    test('a home in neither pays an electrician, in a programme of its own kind', async () => {
        const valley = await apply('F-free', { premise: places.valley });
        assert.deepEqual([valley.state, failing(valley), rule(valley, 'AREA').sentence], ['ineligible', [['AREA', 'fail']], why.valley]);
        const { kind } = await get().expect(200, 'GET', '/v1/programmes/bptm-paid', { role: 'enrolment' });
        assert.equal(kind, 'paid');
        const paid = await post('/v1/applications', { ...request(valley), account_id: valley.account_id, premise_id: valley.premise_id, programme: 'bptm-paid' });
        assert.deepEqual([paid.state, failing(paid), rule(paid, 'AREA')], ['eligible', [], undefined]);
        await post(`/v1/applications/${paid.id}/transitions`, { action: 'approve' }, 'enrolment', 200);
        await post(`/v1/applications/${paid.id}/appointments`, { purpose: 'survey', starts_at: '2030-01-01T16:00:00Z', ends_at: '2030-01-01T17:00:00Z' });
        const refused = await post(`/v1/applications/${paid.id}/visits`, { crew: 'utility', socket_form: '2S', panel_amps: 200, result: 'installable' }, 'installer', 409);
        assert.deepEqual(refused.errors.map((e) => [e.rule, e.detail]), [['CREW', 'A paid installation takes a visit by a licensed electrician.']]);
        await post(`/v1/applications/${paid.id}/visits`, { crew: 'electrician', licence: 'C10-100200', socket_form: '2S', panel_amps: 200, result: 'installable' }, 'installer');
        await post('/v1/devices', { serial: 'BPTM-FND-05', public_key: '05'.repeat(32), model: 'BPTM-REF-30', hardware_revision: 'A' }, 'operator');
        await post('/v1/devices/BPTM-FND-05/assignments', { premise_id: paid.premise_id, application_id: paid.id }, 'installer');
        assert.equal((await get().expect(200, 'GET', `/v1/applications/${paid.id}`, { role: 'enrolment' })).state, 'installed');
    });

    neighbours.forEach(([code, result, differs, sentence], n) => {
        test(`a neighbour of the first: ${code} ${result}, ${sentence}`, async () => {
            const neighbour = await apply(`F-N${n}`, differs);
            assert.deepEqual(failing(neighbour), [[code, result]], 'this rule alone');
            assert.equal(neighbour.state, result === 'fail' ? 'ineligible' : 'in_review');
            assert.equal(rule(neighbour, code).sentence, sentence);
        });
    });

    test('a neighbour a few steps from a boundary is reviewed, not refused', async () => {
        const near = await apply('F-near', { premise: { longitude: -121.25 - 0.0002, latitude: 39.10, circuit_id: '012345699' } });
        assert.equal(near.state, 'in_review');
        assert.match(rule(near, 'AREA').sentence, /^The premise is in none of these areas: .* m from a boundary of hftd, within the tolerance: to be reviewed\.$/);
    });

    test('every rule of the ruleset has a neighbour that fails it', async () => {
        const { items } = await get().expect(200, 'GET', '/v1/programmes/bptm/rulesets', { role: 'analyst' });
        const codes = items.find((r) => r.version === 2025).rules.map((r) => r.code);
        assert.deepEqual([...new Set(neighbours.filter(([, result]) => result === 'fail').map(([code]) => code))], codes);
    });
}
