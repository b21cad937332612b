// The public REST API as the pages use it. The session is a cookie that no script can read.

/** A problem document (RFC 9457), or that the server could not be reached. */
export class ApiError extends Error {
    constructor(status, problem, where) {
        super(problem.title ?? 'the server could not be reached');
        this.status = status; // 0: no answer
        this.problem = problem;
        this.where = where;
    }

    /** The last part of its type: "fields-invalid". */
    get slug() {
        return String(this.problem.type ?? '').split(':').pop();
    }
}

let isLeaving = false;

/** A person signs out: an answer that the session is over no longer brings them back here. */
export const leave = () => {
    isLeaving = true;
};

const toSignIn = () => {
    const here = location.pathname + location.search;
    if (!isLeaving) {
        location.replace(`/sign-in?next=${encodeURIComponent(here)}`);
    }
    return new Promise(() => {}); // the page is about to go
};

/** A path with a query of what is set. */
export function withQuery(path, query = {}) {
    const pairs = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== '');
    return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

async function answerOf(response, where) {
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    let body;
    try {
        body = isJson && text ? JSON.parse(text) : undefined;
    } catch {
        throw new ApiError(response.status, { title: 'the answer cannot be read' }, where);
    }
    if (!response.ok) {
        throw new ApiError(response.status, body ?? { title: `the server answered ${response.status}` }, where);
    }
    return { status: response.status, body, text, etag: response.headers.get('etag') };
}

/**
 * One request: { status, body, text, etag }. Throws ApiError; a session that has ended leads to the
 * sign-in page and back. A POST carries an Idempotency-Key, so that pressing twice is once.
 * @param options  body: an object, sent as JSON; query; etag: for If-Match; type: of a body that is not
 *                 JSON; signal; key: false for none; stay: throw 401 too
 */
export async function call(method, path, { body, query, etag, type, signal, key, stay } = {}) {
    const headers = { 'X-Requested-With': 'bptm', Accept: 'application/json, text/csv' };
    if (body !== undefined) {
        headers['Content-Type'] = type ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
    }
    if (etag) {
        headers['If-Match'] = etag;
    }
    if (method === 'POST' && key !== false) {
        headers['Idempotency-Key'] = key ?? [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('');
    }
    const where = `${method} ${path}`;
    let response;
    try {
        response = await fetch(withQuery(path, query), {
            method, headers, signal, credentials: 'same-origin', redirect: 'error', cache: 'no-store',
            body: body === undefined || type ? body : JSON.stringify(body),
        });
    } catch (error) {
        if (error.name === 'AbortError') {
            throw error;
        }
        throw new ApiError(0, { title: 'the server could not be reached', detail: 'check the connection, then try again' }, where);
    }
    if (response.status === 401 && !stay) {
        return toSignIn();
    }
    return answerOf(response, where);
}

export const get = async (path, query, options) => (await call('GET', path, { query, ...options })).body;
export const post = async (path, body, options) => (await call('POST', path, { body, ...options })).body;
export const remove = async (path) => (await call('DELETE', path)).body;

/** What a GET gives, with the tag that a PATCH of it needs: { body, etag }. */
export const getTagged = (path) => call('GET', path);
export const patch = async (path, body, etag) => (await call('PATCH', path, { body, etag })).body;

/** All items of a list, page by page, at most `most`: { items, more }. */
export async function getAll(path, query = {}, most = 1000) {
    const items = [];
    let cursor;
    do {
        const page = await get(path, { limit: 200, ...query, cursor });
        items.push(...page.items);
        cursor = page.next;
    } while (cursor && items.length < most);
    return { items, more: Boolean(cursor) };
}
