// The real server on a private stack; every answer is checked against api/openapi.json.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stack, until } from '../lib/stack.mjs';
import { find, problems, resolve } from './schema.mjs';

export const roles = ['enrolment', 'installer', 'analyst', 'operator', 'admin'];

/** Statuses that need no place under an operation: they come before one is known, or from any. */
const general = new Set([405, 429, 503]);

export class Api {
    static async start(more = '') {
        const stack = await Stack.create({ conf: more || '[http]\ntimeout_s = 5\nthreads = 2\n[webhook]\nunencrypted = yes\nnetworks = 127.0.0.1\n' });
        const api = new Api(stack);
        try {
            await stack.command('sample', '.');
            await stack.start('mosquitto', 'bptmd');
            api.document = (await stack.request('GET', '/openapi.json')).body;
            for (const role of roles) {
                api.tokens[role] = stack.tokens[role];
            }
        } catch (error) {
            await stack.destroy();
            throw error;
        }
        return api;
    }

    constructor(stack) {
        this.stack = stack;
        this.tokens = {};
        this.seen = new Set(); // "POST /v1/premises 201"
        this.hostile = 0; // requests that were refused, and heads that no client would send
    }

    get url() {
        return this.stack.url;
    }

    /** Stop; the server must have ended by itself and the sanitizers must have nothing to say. */
    async end() {
        try {
            await this.stack.stop('bptmd');
            const log = await this.stack.log('bptmd');
            assert.ok(!/Sanitizer|runtime error/.test(log), log.slice(-4000));
        } finally {
            await this.stack.destroy();
        }
    }

    /** SQL as the cluster's superuser; rows as text when it gives any. */
    async exec(sql) {
        return (await this.stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', sql)).trim();
    }

    /**
     * One request: { status, headers, body, text }. `body` is sent as JSON, `raw` as it is, `token`
     * replaces the role's; a PATCH is for whatever there is, but for an `if-match` in headers. The
     * answer must be as the document says.
     */
    async call(method, target, { role, token, body, raw, headers = {} } = {}) {
        const secret = token ?? (role && this.tokens[role]);
        const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
        const response = await fetch(this.url + target, {
            method, body: payload, redirect: 'error', signal: AbortSignal.timeout(30_000),
            headers: {
                connection: 'close', // else a slow machine meets the server's time-out of 3 s between two requests
                ...(secret && { authorization: `Bearer ${secret}` }),
                ...(payload !== undefined && { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
                ...(method === 'PATCH' && { 'if-match': '*' }),
                ...headers,
            },
        });
        const text = await response.text();
        this.hostile += response.status >= 400 && response.status < 500;
        const type = response.headers.get('content-type') ?? '';
        const answer = { status: response.status, headers: response.headers, text, body: /json/.test(type) && text ? JSON.parse(text) : undefined };
        this.check(method, target, answer, type);
        return answer;
    }

    check(method, target, { status, headers, body, text }, type) {
        const what = `${method} ${target}: ${status} ${text.slice(0, 600)}`;
        assert.equal(headers.get('x-content-type-options'), 'nosniff', what);
        assert.match(headers.get('content-security-policy'), /^default-src 'none'/, what);
        assert.match(headers.get('x-request-id'), /^[\w.-]{1,64}$/, what);
        const op = find(this.document, method, target);
        const listed = resolve(op?.operation.responses[status], this.document);
        const cache = [200, 304].includes(status) && op?.operation.responses[200]?.headers?.['Cache-Control']?.schema.const;
        assert.equal(headers.get('cache-control'), cache || 'no-store', what);
        if (op) {
            this.seen.add(`${op.method} ${op.path} ${status}`);
            assert.ok(listed || general.has(status), `${what}: not in the document`);
        }
        if (status >= 400 && !(listed?.content?.['application/json'])) {
            this.checkProblem(status, body, type, headers, what);
        } else if (op && method !== 'HEAD' && status !== 304) {
            const [[expected, content] = []] = Object.entries(listed?.content ?? {});
            assert.equal(type, expected ?? '', what);
            assert.deepEqual(content && body ? problems(body, content.schema, this.document) : [], [], what);
        }
    }

    checkProblem(status, body, type, headers, what) {
        if (!body) {
            return; // an answer to HEAD
        }
        assert.equal(type, 'application/problem+json', what);
        assert.deepEqual(problems(body, this.document.components.schemas.Problem, this.document), [], what);
        assert.equal(body.status, status, what);
        assert.equal(body.request_id, headers.get('x-request-id'), what);
    }

    /** A call that must end with this status; its body. */
    async expect(status, method, target, options) {
        const answer = await this.call(method, target, options);
        assert.equal(answer.status, status, `${method} ${target}: ${answer.text.slice(0, 600)}`);
        return answer.body;
    }

    /** Ask for a preview; what it is when it is over. */
    async previewed(options) {
        const { id } = await this.expect(202, 'POST', '/v1/previews', options);
        return until('the preview is over', async () => {
            const now = await this.expect(200, 'GET', `/v1/previews/${id}`, { role: 'operator' });
            return !['waiting', 'running'].includes(now.state) && now;
        }, 60);
    }

    /** Rows of every table that only the API writes. */
    async counts() {
        return this.exec(`select string_agg(format('%s=%s', t, n), ' ' order by t) from (
            select c.oid::regclass::text as t,
                   (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s%s', c.oid::regclass,
                       case c.relname when 'audit' then ' where action <> ''customer.read''' end), false, true, '')))[1]::text as n
            from pg_class c join pg_namespace s on s.oid = c.relnamespace
            where c.relkind = 'r' and s.nspname in ('fleet', 'programme', 'person', 'outage', 'access')
              and c.relname not in ('counter', 'part_health', 'lease', -- and what jobs derive meanwhile
                'audit_seal', 'audit_horizon', 'alarm', 'alarm_event', 'webhook_message', 'device_fact', 'served_span', 'index_day', 'index_month', 'index_due', 'generator_field', 'generator_answer')) x`);
    }

    /** Bytes to a socket, in pieces; all that comes back until it is closed or quiet: { text, closed }. */
    raw(pieces, { quiet = 700, pause = 0 } = {}) {
        this.hostile++;
        return new Promise((done, fail) => {
            const { hostname, port } = new URL(this.url);
            const socket = connect(Number(port), hostname);
            let text = '', timer;
            const finish = (closed) => {
                clearTimeout(timer);
                socket.destroy();
                done({ text, closed, answers: (text.match(/HTTP\/1\.1 \d{3} /g) ?? []).map((l) => Number(l.slice(9))) });
            };
            const wait = () => {
                clearTimeout(timer);
                timer = setTimeout(() => finish(false), quiet);
            };
            socket.setNoDelay(true);
            socket.on('data', (data) => {
                text += data.toString('latin1');
                wait();
            });
            socket.on('close', () => finish(true));
            socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? finish(true) : fail(error)));
            socket.on('connect', async () => {
                for (const piece of [].concat(pieces)) {
                    if (socket.destroyed) {
                        return;
                    }
                    socket.write(piece, 'latin1');
                    await sleep(pause);
                }
                wait();
            });
        });
    }
}
