// The list on this phone: fetched when there is a network, checked each time it is read, never older than one seen before.
import { ApiError } from '/lib/api.js';
import { own } from './keep.js';
import { canCheck, kidOf, ListRefused, namesOf, verified } from './signed.js';

/** Days after which a list is called old, and after which it is not used. */
export const WARN_DAYS = 30, REFUSE_DAYS = 180;

const BYTES_MAX = 8 << 20;
const SLOW_MS = 6000;
const DAY_MS = 86_400_000;

/** The pinned key: { publicKey, kid, at }, or undefined. */
export const pinned = () => own.get('pin');

/** Pin a key; what was seen under another one counts no more. */
export async function pin(publicKey) {
    await own.set('pin', { publicKey, kid: await kidOf(publicKey), at: new Date().toISOString() });
    await own.remove('highest');
}

/** What the server has: { bytes, etag }, 'same', 'unsigned' or 'away'. */
async function fetched(etag) {
    let response;
    try {
        response = await fetch('/v1/generator-lists/current/offline', {
            headers: { 'X-Requested-With': 'bptm', ...(etag && { 'If-None-Match': etag }) },
            credentials: 'same-origin', redirect: 'error', cache: 'no-store', signal: AbortSignal.timeout(SLOW_MS),
        });
        if (response.status === 200) {
            const bytes = new Uint8Array(await response.arrayBuffer());
            return bytes.length > BYTES_MAX ? 'away' : { bytes, etag: response.headers.get('etag') };
        }
    } catch {
        return 'away';
    }
    return { 304: 'same', 404: 'unsigned' }[response.status] ?? 'away';
}

/** The list in these bytes, when it may be used; throws ListRefused. */
async function checked(bytes, key) {
    const list = await verified(bytes, key.publicKey);
    const days = (Date.now() - Date.parse(list.signed_at)) / DAY_MS;
    if (days < -1) {
        throw new ListRefused('future', 'The list was signed in the future: the clock of this phone, or the list, is wrong.');
    }
    if (days > REFUSE_DAYS) {
        throw new ListRefused('age', `The list was signed ${Math.floor(days)} days ago; after ${REFUSE_DAYS} it is not used.`);
    }
    const highest = await own.get('highest') ?? 0;
    if (list.version < highest) {
        throw new ListRefused('version', `This is version ${list.version}; this phone has seen version ${highest} already.`);
    }
    return { ...list, days: Math.max(0, Math.floor(days)), isOld: days > WARN_DAYS };
}

async function attempt(bytes, key) {
    try {
        return { list: await checked(bytes, key) };
    } catch (error) {
        if (!(error instanceof ListRefused)) {
            throw error;
        }
        return { refused: error };
    }
}

/** Keep what the server gave, when it is good; what it gave, refused or not, is told. */
async function renew(stored, key) {
    const got = await fetched(stored?.etag);
    if (got === 'unsigned' && stored) {
        await own.set('list', { ...stored, isSuperseded: true });
    } else if (got === 'same' && stored?.isSuperseded) {
        await own.set('list', { ...stored, isSuperseded: false });
    } else if (got.bytes) {
        const { list, refused } = await attempt(got.bytes, key);
        if (refused) {
            return { got, refused };
        }
        await own.set('list', { ...got, at: new Date().toISOString() });
        await own.set('highest', list.version);
    }
    return { got };
}

/**
 * The list to work with:
 * { list, isSuperseded } a good one; `refused` beside it when the server gave another that is not;
 * { refused } nothing to use, and why; { names } no key is pinned yet; {} nothing here and no network.
 * `isAway`: the server did not answer.
 */
export async function currentList() {
    const key = await pinned();
    if (!key) {
        const got = await fetched();
        try {
            return { names: got.bytes && namesOf(got.bytes), isAway: got === 'away', isUnsigned: got === 'unsigned' };
        } catch (error) {
            return { refused: error };
        }
    }
    const { got, refused } = await renew(await own.get('list'), key);
    const stored = await own.get('list');
    const state = { isAway: got === 'away', isUnsigned: got === 'unsigned', isSuperseded: stored?.isSuperseded, key };
    if (!stored) {
        return { ...state, refused };
    }
    const found = await attempt(stored.bytes, key);
    return { ...state, list: found.list, refused: refused ?? found.refused };
}

/** The key that a person entered: itself, or the one of the server's that has this kid. */
export async function keyFrom(text, keysOfServer) {
    if (!canCheck()) {
        throw new ApiError(0, { title: 'this browser cannot check signatures here', detail: 'open these pages at their https address' });
    }
    const hex = text.replace(/^bptm-list-key:/i, '').replace(/[\s:-]/g, '').toLowerCase();
    if (/^[0-9a-f]{64}$/.test(hex)) {
        return hex;
    }
    if (!/^[0-9a-f]{16}$/.test(hex)) {
        throw new ApiError(422, { title: 'this is no key', errors: [{ pointer: '/key', detail: 'has 64 digits from 0 to f, or the first 16 of its fingerprint' }] });
    }
    for (const { public_key } of await keysOfServer()) {
        if (await kidOf(public_key) === hex) {
            return public_key;
        }
    }
    throw new ApiError(422, { title: 'no such key', errors: [{ pointer: '/key', detail: 'is not the fingerprint of a key that the server names' }] });
}
