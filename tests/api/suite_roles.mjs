// Every role on every route, and every way of not being allowed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roles } from './harness.mjs';
import { operations } from './schema.mjs';

/** A target that is well-formed and names nothing, so that a permitted caller changes nothing. */
export const nowhere = (path) => path
    .replace('/v1/tokens/{id}', '/v1/tokens/00000000-0000-4000-8000-000000000000')
    .replace('{id}', '999999999').replace('{serial}', 'NO-SUCH-1').replace('{code}', 'no-such').replace('{version}', '999999999');

/** The required query parameters, with something in them. */
export const needed = (op) => op.parameters.filter((p) => p.in === 'query' && p.required).map((p) => `${p.name}=x`).join('&');

export const targetOf = (op) => nowhere(op.path) + (needed(op) && `?${needed(op)}`);

/** A body that is JSON and good for nothing. */
const empty = (op) => (op.body ? { body: {} } : {});

export function roleTable(api) {
    test('each role on each route', async () => {
        const before = await api().counts();
        let cells = 0;
        for (const op of operations(api().document)) {
            for (const role of roles) {
                const { status, text } = await api().call(op.method, targetOf(op), { role, ...empty(op) });
                const allowed = op.roles.includes('open') || op.roles.includes(role) || role === 'admin';
                assert.equal(status !== 403, allowed, `${role} ${op.method} ${op.path}: ${status} ${text}`);
                assert.notEqual(status, 401, `${role} ${op.method} ${op.path}`);
                assert.ok(status < 500 || op.path === '/readyz', `${role} ${op.method} ${op.path}: ${text}`);
                cells++;
            }
        }
        assert.equal(cells, operations(api().document).length * roles.length);
        assert.equal(await api().counts(), before, 'nothing was written');
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
