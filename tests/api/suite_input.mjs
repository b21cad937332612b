// Bad input on every route, made from the document: refused, the field named, nothing written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations, resolve } from './schema.mjs';
import { needed, nowhere, targetOf } from './suite_roles.mjs';

const samples = { string: 'x', integer: 7, number: 7.5, boolean: true, object: { x: 1 }, array: [1] };
const fits = { string: ['string'], integer: ['integer'], number: ['integer', 'number'], boolean: ['boolean'], object: ['object'], array: ['array'] };

/** Values that a schema refuses: [what is wrong, value]. */
function* badValues(schema) {
    const type = [].concat(schema.type).filter((t) => t !== 'null')[0];
    for (const [name, sample] of Object.entries(samples)) {
        if (!fits[type].includes(name)) {
            yield [`a ${name}`, sample];
        }
    }
    if (type === 'string') {
        yield ['with a line end', schema['x-lines'] ? 'a\r\nb' : 'a\nb'];
        yield ['with a NUL', 'a\u0000b'];
        if (schema.maxLength) {
            yield ['too long', 'X'.repeat(schema.maxLength + 1)];
            yield ['far too long', 'X'.repeat(Math.max(3000, 3 * schema.maxLength))];
        }
        if (schema.minLength) {
            yield ['empty', ''];
            yield ['blank', ' '.repeat(schema.minLength)];
        }
        if (schema.enum) {
            yield ['another word', 'elsewhere'];
            yield ['a word with more', `${schema.enum[0]} `];
        }
        if (schema.pattern) {
            yield ['of another pattern', '!'.repeat(schema.minLength ?? 3)];
        }
        if (schema.format) {
            yield ['not a time', 'yesterday'];
            yield ['a time without a zone', '2024-05-01T12:00:00'];
        }
    }
    if (type === 'array') {
        yield ['of other things', [1]];
        yield ['of another word', ['elsewhere']];
        if (schema.items.enum || schema.minItems) {
            yield ['with nothing in it', []];
        }
        if (schema.items.enum) {
            yield ['with one twice', [schema.items.enum[0], schema.items.enum[0]]];
        }
        if (schema.maxItems) {
            yield ['with too many', Array(schema.maxItems + 1).fill({})];
        }
    }
    if (schema.minimum !== undefined) {
        yield ['too small', schema.minimum - 1];
    }
    if (schema.maximum !== undefined) {
        yield ['too large', schema.maximum + 1];
        yield ['huge', 1e300];
    }
}

const change = (o, [name, ...rest], value) => {
    const copy = structuredClone(o);
    if (rest.length) {
        copy[name] = change(copy[name] ?? {}, rest, value);
    } else if (value === undefined) {
        delete copy[name];
    } else {
        copy[name] = value;
    }
    return copy;
};

/** Bodies that the schema refuses: { what, body, pointer }. */
function* badBodies(root, schema, example, path = []) {
    const here = (name, what, value) => ({ what: `${[...path, name].join('/')} ${what}`, body: change(example, [...path, name], value), pointer: `/${[...path, name].join('/')}` });
    yield here('unknown_field', 'is not known', 1);
    for (const [name, raw] of Object.entries(schema.properties)) {
        const s = resolve(raw, root);
        if (schema.required?.includes(name)) {
            yield here(name, 'missing', undefined);
            yield here(name, 'null', null);
        }
        for (const [what, value] of badValues(s)) {
            yield here(name, what, value);
        }
        if (s.properties) {
            yield* badBodies(root, s, example, [...path, name]);
        }
    }
}

/** Query or path texts that a schema refuses. */
function* badTexts(schema) {
    const type = [].concat(schema.type)[0];
    yield ['a broken escape', '%zz'];
    yield ['a NUL', '%00'];
    yield ['not UTF-8', '%C3%28'];
    if (type === 'integer') {
        for (const text of ['x', '-1', '1.5', '1e3', '0x1', '%201', '9'.repeat(19)]) {
            yield [`as ${text}`, text];
        }
        yield ['too small', String(schema.minimum - 1)];
        yield ['too large', String(schema.maximum + 1)];
    } else {
        yield ['a line end', 'a%0Ab'];
        if (schema.maxLength) {
            yield ['too long', 'x'.repeat(schema.maxLength + 1)];
        }
        if (schema.enum || schema.pattern || schema.format) {
            yield ['another word', 'else%20where'];
        }
    }
}

export function badInput(api) {
    /** Send, and check that it was refused with the place named. */
    async function refused(op, target, options, status, where, what) {
        const role = op.roles.includes('open') ? undefined : op.roles[0];
        const answer = await api().call(op.method, target, { role, ...options });
        assert.equal(answer.status, status, `${op.method} ${op.path}: ${what}: ${answer.text.slice(0, 400)}`);
        if (where !== undefined) {
            const named = (answer.body.errors ?? []).map((e) => e.pointer ?? e.parameter);
            assert.ok(named.includes(where), `${op.method} ${op.path}: ${what}: names ${named}, not ${where}`);
        }
    }

    async function unchanged(run) {
        const before = await api().counts();
        const tried = await run();
        assert.equal(await api().counts(), before, 'nothing was written');
        assert.ok(tried > 0);
    }

    test('each field of each body', () => unchanged(async () => {
        let tried = 0;
        for (const op of operations(api().document).filter((o) => o.body)) {
            for (const { what, body, pointer } of badBodies(api().document, op.body, op.example)) {
                const nul = JSON.stringify(body).includes('\\u0000');
                await refused(op, nowhere(op.path), { body }, nul ? 400 : 422, nul ? '' : pointer, what);
                tried++;
            }
        }
        console.log(`# ${tried} bad fields`);
        return tried;
    }));

    test('each body as a whole', () => unchanged(async () => {
        const rows = [['', 400], ['{', 400], ['[]', 400], ['"x"', 400], ['null', 400], ['{"a":1,"a":1}', 400], ['{"a":"\xff"}', 400],
            ['{} {}', 400]];
        let tried = 0;
        for (const op of operations(api().document).filter((o) => o.body)) {
            for (const [raw, status] of rows) {
                const bytes = Buffer.from(raw, 'latin1');
                await refused(op, nowhere(op.path), { raw: bytes }, status, '', JSON.stringify(raw).slice(0, 40));
                tried++;
            }
            await refused(op, nowhere(op.path), { raw: `{"a":${'['.repeat(1900)}${']'.repeat(1900)}}` }, 422, '/a', 'deep');
            for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'text/json', '']) {
                await refused(op, nowhere(op.path), { body: op.example, headers: { 'content-type': type } }, 415, undefined, type);
                tried++;
            }
            // a note is the longest text, a list of circuits the longest body
            for (const size of [op.path.endsWith('/notes') ? 70_000 : 20_000, 500_000, 3_000_000].filter((n) => n > 1_000_000 || op.path !== '/v1/circuit-lists')) {
                await api().call(op.method, nowhere(op.path), { role: op.roles[0], body: { x: 'y'.repeat(size) } }).then(
                    ({ status }) => assert.equal(status, 413, `${op.path}: ${size}`),
                    (error) => assert.ok(size > 1_000_000, `${op.path}: ${size}: ${error.cause}`)); // the connection may be cut
                tried++;
            }
        }
        return tried;
    }));

    test('a body where there is none', () => unchanged(async () => {
        const without = operations(api().document).filter((o) => o.method !== 'GET' && !o.operation.requestBody);
        for (const op of without) {
            await refused(op, targetOf(op), { body: { a: 1 } }, 413, undefined, 'a body');
        }
        return without.length;
    }));

    test('each parameter of each path and query', () => unchanged(async () => {
        let tried = 0;
        for (const op of operations(api().document)) {
            for (const p of op.parameters.filter((q) => q.in !== 'header')) {
                for (const [what, text] of badTexts(p.schema)) {
                    const others = needed(op).split('&').filter((pair) => pair && !pair.startsWith(`${p.name}=`));
                    const target = p.in === 'path'
                        ? nowhere(op.path.replace(`{${p.name}}`, text)) + (others.length ? `?${others.join('&')}` : '')
                        : `${nowhere(op.path)}?${[...others, `${p.name}=${text}`].join('&')}`;
                    await refused(op, target, op.body ? { body: op.example } : {}, 400, p.name, `${p.name} ${what}`);
                    tried++;
                }
                if (p.required && p.in === 'query') {
                    await refused(op, nowhere(op.path), {}, 400, p.name, `${p.name} missing`);
                }
            }
            const join = targetOf(op).includes('?') ? '&' : '?';
            await refused(op, `${targetOf(op)}${join}surprise=1`, op.body ? { body: op.example } : {}, 400, 'surprise', 'an unknown parameter');
            for (const p of op.parameters.filter((q) => q.in === 'query')) {
                await refused(op, `${targetOf(op)}${join}${p.name}=1&${p.name}=1`, {}, 400, p.name, `${p.name} twice`);
                tried++;
            }
        }
        console.log(`# ${tried} bad parameters`);
        return tried;
    }));

    test('cursors of other lists and made-up ones', () => unchanged(async () => {
        const lists = operations(api().document).filter((o) => o.parameters.some((p) => p.name === 'cursor'));
        for (const op of lists) {
            for (const key of ['', '\u0001', 'x'.repeat(150), '1.2.3.4\n']) {
                const cursor = Buffer.from(key).toString('base64url');
                await refused(op, `${targetOf(op)}?cursor=${cursor}`, {}, 400, 'cursor', JSON.stringify(key));
            }
            await refused(op, `${targetOf(op)}?cursor=%21%21`, {}, 400, 'cursor', '!!');
        }
        return lists.length;
    }));

    test('what the database alone can refuse is named too', () => unchanged(async () => {
        const post = async (target, body, status, pointer) => {
            const problem = await api().expect(status, 'POST', target, { role: 'enrolment', body });
            assert.equal(problem.errors[0].pointer, pointer);
        };
        const premise = { code: 'SP-API-1', address: 'a', city: 'b', postal_code: 'c', longitude: 1, latitude: 1 };
        await post('/v1/premises', premise, 409, '/code');
        await post('/v1/premises', { ...premise, code: 'SP-NEW', meter_number: 'M-API-1' }, 409, '/meter_number');
        await post('/v1/premises', { ...premise, code: 'SP-NEW', circuit_id: '99' }, 422, '/circuit_id');
        const { items: [account] } = await api().expect(200, 'GET', '/v1/premises?q=SP-API-1', { role: 'enrolment' });
        const number = { number: 'AC-NEW', premise_id: account.id, customer_id: 1, kind: 'business' };
        await post('/v1/accounts', { ...number, premise_id: 999999 }, 422, '/premise_id');
        await post('/v1/accounts', { ...number, customer_id: 999999 }, 422, '/customer_id');
        await post('/v1/accounts', { ...number, number: 'AC-API-1' }, 409, '/number');
        const { items: [application] } = await api().expect(200, 'GET', '/v1/applications?state=installed', { role: 'enrolment' });
        const again = { programme: 'bptm', premise_id: application.premise_id, account_id: application.account_id, generator: application.generator,
            attestations: { owner_or_permission: true, access_agreed: true, survey_agreed: true } };
        await post('/v1/applications', again, 409, '/premise_id');
        await post('/v1/applications', { ...again, programme: 'no-such' }, 422, '/programme');
        const { items: [bare] } = await api().expect(200, 'GET', '/v1/premises?q=SP-API-2', { role: 'enrolment' });
        await post('/v1/applications', { ...again, premise_id: bare.id, account_id: 999999 }, 422, '/account_id');
        await post('/v1/applications', { ...again, premise_id: 999999 }, 422, '/premise_id');
        return 1;
    }));
}
