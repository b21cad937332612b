// JSON against the part of JSON Schema that api/openapi.json uses; an unknown keyword is an error.

const types = {
    object: (v) => typeof v === 'object' && v !== null && !Array.isArray(v),
    array: Array.isArray,
    string: (v) => typeof v === 'string',
    integer: Number.isInteger,
    number: (v) => typeof v === 'number' && Number.isFinite(v),
    boolean: (v) => typeof v === 'boolean',
    null: (v) => v === null,
};

const formats = {
    'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, // one form only in answers
    date: /^\d{4}-\d{2}-\d{2}$/,
    uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

const length = (text) => [...text].length;
const when = (type, check) => (value, ...rest) => (types[type](value) ? check(value, ...rest) : []);
const unless = (good, text) => (good ? [] : [text]);

/** keyword -> (value, its argument, where, the schema, root document) -> problems */
const keywords = {
    type: (v, type) => unless([].concat(type).some((t) => types[t](v)), `is not ${type}`),
    enum: (v, list) => unless(list.includes(v), `is not one of ${list}`),
    const: (v, only) => unless(v === only, `is not ${only}`),
    minLength: when('string', (v, n) => unless(length(v) >= n, `is shorter than ${n}`)),
    maxLength: when('string', (v, n) => unless(length(v) <= n, `is longer than ${n}`)),
    pattern: when('string', (v, p) => unless(new RegExp(p, 'u').test(v), `does not match ${p}`)),
    format: when('string', (v, f) => unless(formats[f].test(v), `is not a ${f}`)),
    minimum: when('number', (v, n) => unless(v >= n, `is below ${n}`)),
    maximum: when('number', (v, n) => unless(v <= n, `is above ${n}`)),
    required: when('object', (v, names) => names.filter((n) => !(n in v)).map((n) => `lacks ${n}`)),
    minItems: when('array', (v, n) => unless(v.length >= n, `has fewer than ${n}`)),
    maxItems: when('array', (v, n) => unless(v.length <= n, `has more than ${n}`)),
    uniqueItems: when('array', (v) => unless(new Set(v.map((x) => JSON.stringify(x))).size === v.length, 'has one twice')),
    items: when('array', (v, s, at, schema, root) => v.flatMap((x, n) => problems(x, s, root, `${at}/${n}`))),
    properties: when('object', (v, all, at, schema, root) =>
        Object.entries(all).flatMap(([name, s]) => (name in v ? problems(v[name], s, root, `${at}/${name}`) : []))),
    additionalProperties: when('object', (v, rest, at, schema, root) =>
        Object.keys(v).filter((name) => !(name in (schema.properties ?? {}))).flatMap((name) =>
            (rest === false ? [`has ${name}`] : rest === true ? [] : problems(v[name], rest, root, `${at}/${name}`)))),
    anyOf: (v, list, at, schema, root) =>
        unless(list.some((s) => problems(v, s, root, at).length === 0), `is none of ${JSON.stringify(list).slice(0, 80)}`),
    $ref: (v, ref, at, schema, root) => problems(v, resolve({ $ref: ref }, root), root, at),
    description: () => [],
    default: () => [],
    'x-lines': () => [], // line ends are allowed: for people and tests, no keyword says that
};

/** A schema, parameter or response itself, or what it refers to. */
export function resolve(item, root) {
    return item?.$ref ? item.$ref.slice(2).split('/').reduce((o, name) => o[name], root) : item;
}

/** What is wrong with a value, as lines of text; nothing when it is as the schema says. */
export function problems(value, schema, root, at = '') {
    return Object.entries(schema).flatMap(([keyword, argument]) => {
        if (!keywords[keyword]) {
            throw new Error(`schema keyword ${keyword} is not implemented`);
        }
        return keywords[keyword](value, argument, at, schema, root).map((text) => (text.startsWith('/') ? text : `${at || '/'} ${text}`));
    });
}

const known = new WeakMap(); // document -> operations: each call looks for its own

/** All operations: { method, path, pattern, roles, own, operation, parameters (resolved), body (schema), example }. */
export function operations(root) {
    if (!known.has(root)) {
        known.set(root, listOperations(root));
    }
    return known.get(root);
}

function listOperations(root) {
    return Object.entries(root.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => {
            const [[type, json] = []] = Object.entries(operation.requestBody?.content ?? {}).filter(([t]) => t.endsWith('json'));
            return {
                method: method.toUpperCase(), path, operation,
                pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`), roles: operation['x-roles'], own: operation['x-own'] ?? [],
                parameters: (operation.parameters ?? []).map((p) => resolve(p, root)),
                body: json && resolve(json.schema, root), example: json?.example, type,
            };
        }));
}

/** The operation that a request is for. */
export function find(root, method, target) {
    const path = target.split('?')[0];
    const wanted = method === 'HEAD' ? 'GET' : method;
    return operations(root).find((o) => o.method === wanted && o.pattern.test(path));
}
