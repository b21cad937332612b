// The outbox: everything that an installer enters goes through it, is on this phone before it is sent, and keeps its
// own time and Idempotency-Key. What the server refuses stays until a person has seen both sides and decided.
import { call } from '/lib/api.js';
import { withStore } from './keep.js';

const OPEN_MAX = 500;
const KEEP_DAYS = 30;
const SEND_MS = 20_000;
const ATTEMPTS_SHOWN = 10;

const listeners = new Set();

/** Call when something in the outbox has changed, in this window or another. */
export const onOutbox = (listener) => listeners.add(listener);

const channel = new BroadcastChannel('bptm-outbox');
channel.onmessage = () => listeners.forEach((listener) => listener());
const changed = () => {
    listeners.forEach((listener) => listener());
    channel.postMessage('changed');
};

const store = (mode, work) => withStore('bptm-field', 'outbox', mode, work);
const read = (id) => store('readonly', (s) => s.get(id));
const write = (entry) => store('readwrite', (s) => s.put(entry));
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, '0')).join('');

/** All entries, oldest first. States: waiting, refused, sent, dropped. */
export const entries = () => store('readonly', (s) => s.getAll());

/** Those that nobody has the answer for yet. */
export const openEntries = async () => (await entries()).filter((e) => ['waiting', 'refused'].includes(e.state));
const waitingCount = async () => (await openEntries()).length;

/** Which answers are no answer to the matter: the entry waits and is sent again as it is. */
const isLater = (error) => error.status === 0 || error.status === 401 || error.status === 408 || error.status === 429 || error.status >= 500
    || error.slug === 'in-progress';

/** Send one; true when the next may follow. */
async function attempt(entry) {
    const at = new Date().toISOString();
    const note = (state, status, problem) => write({ ...entry, state, attempts: [...entry.attempts, { at, status, problem }].slice(-ATTEMPTS_SHOWN), ...(state === 'sent' && { sent_at: at }) });
    try {
        const { status } = await call(entry.method, entry.path, { body: entry.body, etag: entry.etag, key: entry.method === 'POST' ? entry.key : undefined, stay: true, signal: AbortSignal.timeout(SEND_MS) });
        await note('sent', status);
        return true;
    } catch (error) {
        if (!error.problem) {
            throw error;
        }
        await note(isLater(error) ? 'waiting' : 'refused', error.status, error.problem);
        return !isLater(error);
    }
}

/** What may be sent now: of each job the first entry that is not done, when it was not refused, and by whom it was entered. */
const nextOf = (all, by, tried) => all.find((e) => e.state === 'waiting' && e.by === by && !tried.has(e.id)
    && !all.some((o) => o.job === e.job && o.id < e.id && ['waiting', 'refused'].includes(o.state)));

async function run(by) {
    const tried = new Set();
    for (;;) {
        const entry = nextOf(await entries(), by, tried);
        if (!entry) {
            return;
        }
        tried.add(entry.id);
        const goOn = await attempt(entry);
        changed();
        if (!goOn) {
            return;
        }
    }
}

/** Whom the server would take an entry to be from; nobody without a network or a session. */
async function sender() {
    try {
        return (await call('GET', '/v1/session', { stay: true, signal: AbortSignal.timeout(SEND_MS) })).body.subject;
    } catch (error) {
        if (!error.problem) {
            throw error;
        }
        return undefined;
    }
}

/** One window at a time; where a browser has no locks (plain http), the Idempotency-Key alone keeps twice from being twice. */
const alone = (work) => (navigator.locks ? navigator.locks.request('bptm-outbox', work) : work());

/** Send what waits, in order, one window at a time; nothing under another person's name. */
export async function sendAll() {
    if ((await openEntries()).some((e) => e.state === 'waiting')) {
        await alone(async () => {
            const by = await sender();
            if (by) {
                await run(by);
            }
        });
    }
    await sweep();
}

/** What was sent or given up long ago goes. */
async function sweep() {
    const before = new Date(Date.now() - KEEP_DAYS * 86_400_000).toISOString();
    for (const e of await entries()) {
        if (['sent', 'dropped'].includes(e.state) && (e.sent_at ?? e.dropped_at) < before) {
            await store('readwrite', (s) => s.delete(e.id));
        }
    }
}

/**
 * Keep something that was entered, then try to send it. Resolves with the entry as it is after that.
 * @param what  { job, kind, title, method, path, body, etag, by }; `at`, the time it was entered, is now
 */
export async function enter(what) {
    if (await waitingCount() >= OPEN_MAX) {
        throw new Error(`the outbox is full: ${OPEN_MAX} entries wait`);
    }
    const id = await store('readwrite', (s) => s.add({ method: 'POST', key: newKey(), at: new Date().toISOString(), state: 'waiting', attempts: [], ...what }));
    changed();
    await sendAll();
    return read(id);
}

/** Send a refused entry once more; a changed one is another request, with a key of its own. */
export async function again(id, change = {}) {
    const entry = await read(id);
    await write({ ...entry, ...change, key: newKey(), state: 'waiting' });
    changed();
    await sendAll();
    return read(id);
}

/** Give an entry up: a person's decision, kept with its time. */
export async function drop(id) {
    const entry = await read(id);
    await write({ ...entry, state: 'dropped', dropped_at: new Date().toISOString() });
    changed();
    await sendAll();
}

/** The problem document of the last attempt. */
export const lastProblem = (entry) => entry.attempts.at(-1)?.problem;
