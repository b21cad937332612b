// Every role on every route, and every way of not being allowed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure } from '../lib/figures.mjs';
import { roles } from './harness.mjs';
import { jobs, recordPath } from './records.mjs';
import { operations } from './schema.mjs';

/** A target that is well-formed and names nothing, so that a permitted caller changes nothing. */
export const nowhere = (path) => path
    .replace(/(tokens|sessions)\/\{id\}/, '$1/00000000-0000-4000-8000-000000000000')
    .replace('{collection}', 'no-such').replace('{id}', '999999999').replace('{serial}', 'NO-SUCH-1').replace('{code}', 'no-such').replace('{version}', '999999999');

/** The required query parameters, with something in them. */
export const needed = (op) => op.parameters.filter((p) => p.in === 'query' && p.required).map((p) => `${p.name}=x`).join('&');

export const targetOf = (op) => nowhere(op.path) + (needed(op) && `?${needed(op)}`);

/** A body that is JSON and good for nothing. */
const useless = (op) => (op.body ? { body: { no_such_member: 1 } } : {});

/** What a cell of the table must answer: 'yes', 'no' (403), 'hidden' (404: another's), or 'narrowed' (a list of its own). */
function cell(op, role, whose) {
    if (op.roles.includes('open') || role === 'admin') {
        return 'yes';
    }
    if (!op.roles.includes(role)) {
        return 'no';
    }
    if (!op.own.includes(role)) {
        return 'yes';
    }
    return !op.path.includes('{') ? 'narrowed' : whose === 'own' ? 'yes' : 'hidden';
}

const keyOf = (item) => String(item.serial ?? item.id);

/** The key that a list's items have of a job. */
const listed = (path, job) => String({ '/v1/applications': job.application, '/v1/premises': job.premise, '/v1/devices': job.serial,
    '/v1/appointments': job.appointment, '/v1/custody': job.serial }[path]);

export function roleTable(api) {
    const at = {};

    test('each role on each route, at its own record and at another\'s', async (t) => {
        at.jobs = await jobs(api());
        const before = await api().counts();
        const told = { yes: 0, no: 0, hidden: 0, narrowed: 0 };
        for (const op of operations(api().document)) {
            for (const [role, whose] of roles.flatMap((r) => [[r, 'own'], [r, 'other']])) {
                const target = recordPath(op, at.jobs[whose]);
                const token = role === 'installer' ? at.jobs.own.token : api().tokens[role];
                const { status, text, body } = await api().call(op.method, target ?? targetOf(op), { token, ...useless(op) });
                const what = `${role} ${op.method} ${op.path} (${whose}): ${status} ${text.slice(0, 300)}`;
                const wanted = cell(op, role, whose);
                assert.equal(status === 403, wanted === 'no', what);
                assert.notEqual(status, 401, what);
                assert.ok(status < 500 || op.path === '/readyz', what);
                if (op.own.includes(role) && op.path.includes('{')) {
                    assert.ok(target, `${what}: no record to ask for`);
                    assert.equal(status === 404, wanted === 'hidden', what);
                }
                if (wanted === 'narrowed') {
                    const keys = body.items.map(keyOf);
                    assert.ok(keys.includes(listed(op.path, at.jobs.own)) && !keys.includes(listed(op.path, at.jobs.other)), what);
                }
                told[wanted]++;
            }
        }
        const cells = Object.values(told).reduce((a, b) => a + b);
        assert.equal(cells, operations(api().document).length * roles.length * 2);
        assert.ok(told.hidden > 10 && told.narrowed > 4 && told.no > 200, JSON.stringify(told));
        assert.equal(await api().counts(), before, 'nothing was written');
        figure('role-cells', cells);
        t.diagnostic(`role table: ${cells} cells walked: ${Object.entries(told).map(([k, n]) => `${n} ${k}`).join(', ')}`);
    });

    test('an analyst is told of no person, address or number, whatever is asked for', async () => {
        const { own, personal } = at.jobs;
        let answers = 0;
        for (const op of operations(api().document).filter((o) => o.method === 'GET' && o.roles.includes('analyst'))) {
            const { status, text } = await api().call('GET', recordPath(op, own) ?? targetOf(op), { role: 'analyst' });
            answers += status === 200;
            personal.forEach((word) => assert.ok(!text.includes(word), `${op.path}: ${word}`));
        }
        assert.ok(answers >= 8, `${answers} answers had something in them`);
        const told = await api().call('GET', `/v1/customers/${own.customer}`, { role: 'enrolment' });
        assert.ok(personal.some((word) => told.text.includes(word)), 'the words are those that staff are told');
    });

    test('no serial number is in an answer to an analyst, whatever is asked for', async () => {
        const serials = (await api().exec('select serial from fleet.device_serial where length(serial) >= 6')).split('\n');
        const reads = operations(api().document).filter((o) => o.method === 'GET' && o.roles.includes('analyst'));
        const filled = { source: 'meters', from: '2024-02-01', to: '2024-03-01', q: 'honda' };
        /** What is asked for: all there is of a list, and the first of it; [] when there is none. */
        async function wanted(op) {
            const query = new URLSearchParams(op.parameters.filter((p) => p.in === 'query' && (p.required || p.name === 'limit')).map((p) => [p.name, filled[p.name] ?? '200']));
            const list = op.path.replace(/\/\{(id|code|version)\}.*/, '');
            if (list === op.path) {
                return `${op.path}?${query}`;
            }
            const { body } = await api().call('GET', `${list}?limit=1`, { role: 'operator' });
            const [first] = body?.items ?? body?.features ?? [];
            return first && `${op.path.replace(/\{(id|code|version)\}/, first.id ?? first.code ?? first.version)}?${query}`;
        }
        const found = { analyst: new Set(), operator: new Set() };
        for (const op of reads) {
            const target = await wanted(op);
            for (const role of target ? Object.keys(found) : []) {
                const { text } = await api().call('GET', target, { role });
                serials.filter((serial) => text.includes(serial)).forEach((serial) => found[role].add(`${op.path}: ${serial}`));
            }
        }
        assert.deepEqual([...found.analyst], []);
        for (const path of ['/v1/outages', '/v1/outages/{id}', '/v1/outages.csv', '/v1/loss-ledger', '/collections/devices/items']) {
            assert.ok([...found.operator].some((line) => line.startsWith(`${path}:`)), `${path} says it to operators`);
        }
        for (const query of ['device', 'q'].map((name) => `${name}=${serials[0]}`)) {
            await api().expect(403, 'GET', `/v1/${query.startsWith('q') ? 'devices' : 'outages'}?${query}`, { role: 'analyst' });
        }
    });

    test('a crew reads and works on its own jobs, and its jobs end with its appointments', async () => {
        const { own, other } = at.jobs, { token } = own;
        const lists = async (target) => (await api().expect(200, 'GET', target, { token })).items.map(keyOf);
        assert.deepEqual(await lists('/v1/applications'), [String(own.application)]);
        assert.deepEqual(await lists('/v1/premises'), [String(own.premise)]);
        assert.deepEqual(await lists('/v1/premises?q=R-Other'), []);
        assert.deepEqual(await lists(`/v1/applications?premise_id=${other.premise}`), []);
        const me = await api().expect(200, 'GET', '/v1/me', { token });
        assert.deepEqual([me.role, me.crew], ['installer', 'Crew Own']);
        const refused = await api().expect(422, 'POST', `/v1/devices/${own.serial}/assignments`, { token, body: { premise_id: other.premise, application_id: other.application } });
        assert.deepEqual(refused.errors, [{ pointer: '/application_id', detail: 'is not a job of the crew' }]);
        await api().expect(422, 'POST', `/v1/devices/${own.serial}/assignments`, { token, body: { premise_id: own.premise } });
        await api().expect(409, 'POST', `/v1/devices/${own.serial}/assignments`, { token, body: { premise_id: other.premise, application_id: own.application } });
        await api().expect(404, 'POST', `/v1/applications/${other.application}/transitions`, { token, body: { action: 'withdraw', reason: 'not mine' } });
        await api().expect(200, 'PATCH', `/v1/appointments/${own.appointment}`, { token, body: { status: 'cancelled' } });
        assert.deepEqual(await lists('/v1/applications'), []);
        await api().expect(404, 'GET', `/v1/applications/${own.application}`, { token });
        await api().expect(404, 'GET', `/v1/appointments/${own.appointment}`, { token });
    });

    test('an installer must say whose jobs, and nobody else may', async () => {
        const without = await api().expect(422, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'installer', label: 'x' } });
        assert.equal(without.errors[0].pointer, '/crew');
        await api().expect(422, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'analyst', label: 'x', crew: '*' } });
        const { token, id } = await api().expect(201, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'installer', label: 'x', crew: 'Crew 4' } });
        await api().exec(`update access.token set crew = null where token_id = '${id}'`);
        assert.deepEqual((await api().expect(200, 'GET', '/v1/applications', { token })).items, []);
    });

    const wrong = {
        'no token': {},
        'a token that never was': { token: `bptm_${'x'.repeat(43)}` },
        'an empty token': { headers: { authorization: 'Bearer ' } },
        'another scheme': { headers: { authorization: 'Digest x' } },
        'Basic that is not base64': { headers: { authorization: 'Basic %%%' } },
        'Basic without a colon': { headers: { authorization: `Basic ${Buffer.from('bptm_').toString('base64')}` } },
        'a very long token': { headers: { authorization: `Bearer ${'x'.repeat(4000)}` } },
        'a token as user, not password': (a) => ({ headers: { authorization: `Basic ${Buffer.from(`${a.tokens.admin}:`).toString('base64')}` } }),
        'an expired token': async (a) => ({ token: await other(a, "expires_at = now() - interval '1 second'") }),
        'a revoked token': async (a) => ({ token: await other(a, 'revoked_at = now()') }),
    };

    /** A new admin token, then changed in the database. */
    async function other(a, change) {
        const made = await a.expect(201, 'POST', '/v1/tokens', { role: 'admin', body: { role: 'admin', label: 'to be refused' } });
        await a.expect(200, 'GET', '/v1/me', { token: made.token });
        await a.exec(`update access.token set ${change} where token_id = '${made.id}'`);
        return made.token;
    }

    for (const [name, how] of Object.entries(wrong)) {
        test(`${name}: 401 on each route`, async () => {
            const options = typeof how === 'function' ? await how(api()) : how;
            const before = await api().counts();
            for (const op of operations(api().document).filter((o) => !o.roles.includes('open'))) {
                const answer = await api().call(op.method, targetOf(op), { ...options, ...(op.body && { body: op.example }) });
                assert.equal(answer.status, 401, `${op.method} ${op.path}`);
                assert.match(answer.headers.get('www-authenticate'), /^Bearer realm=/);
            }
            assert.equal(await api().counts(), before, 'nothing was written');
        });
    }
}
