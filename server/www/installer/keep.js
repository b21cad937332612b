// What an installer's browser keeps (IndexedDB): to be read without a network, until signing out; and its own
// things, which stay: the pinned key, the signed list, the outbox.

/** Database -> its stores. `bptm-kept` holds what the server told, and goes when somebody signs out. */
const databases = { 'bptm-kept': { kept: {} }, 'bptm-field': { own: {}, outbox: { keyPath: 'id', autoIncrement: true } } };
const opened = new Map();

const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
});

function open(name) {
    if (!opened.has(name)) {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = () => {
            for (const [store, options] of Object.entries(databases[name])) {
                request.result.createObjectStore(store, options);
            }
        };
        opened.set(name, done(request).then((db) => {
            db.onversionchange = () => {
                db.close();
                opened.delete(name);
            };
            return db;
        }));
    }
    return opened.get(name);
}

/** One transaction on a store; `work(store)` gives a request or nothing. Resolves when all of it is on disk. */
export async function withStore(database, store, mode, work) {
    const db = await open(database);
    const transaction = db.transaction(store, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(store));
    await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return request?.result;
}

const shelf = (database, store) => ({
    get: (key) => withStore(database, store, 'readonly', (s) => s.get(key)),
    set: (key, value) => withStore(database, store, 'readwrite', (s) => s.put(value, key)),
    remove: (key) => withStore(database, store, 'readwrite', (s) => s.delete(key)),
    clear: () => withStore(database, store, 'readwrite', (s) => s.clear()),
});

/** What the server told: gone with the session. */
export const kept = shelf('bptm-kept', 'kept');

/** What belongs to this browser. */
export const own = shelf('bptm-field', 'own');

/**
 * What the server says, kept; without a network what it said last: { body, etag, at, isOld }.
 * @param ask  gives { body, etag } of lib/api.js, or throws ApiError; status 0 or 503 and up leads to what is kept
 */
export async function fresh(key, ask) {
    try {
        const { body, etag } = await ask();
        const told = { body, etag, at: new Date().toISOString() };
        await kept.set(key, told);
        return { ...told, isOld: false };
    } catch (error) {
        const told = error.status === 0 || error.status >= 500 ? await kept.get(key) : undefined;
        if (!told) {
            throw error;
        }
        return { ...told, isOld: true };
    }
}
