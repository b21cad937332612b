// Who is signed in, and what that person may see.
import { call, leave } from './api.js';

let asked;

/**
 * The session: { subject, roles, source, created_at, expires_at }; without one the sign-in page comes.
 * @param options  stay: throw instead (the first call decides)
 */
export function me({ stay } = {}) {
    asked ??= call('GET', '/v1/session', { stay }).then((answer) => answer.body);
    return asked;
}

/** Whether a session has one of these roles; the admin has all. No list: everybody. */
export const may = (session, roles) => !roles || session.roles.includes('admin') || roles.some((r) => session.roles.includes(r));

export async function signIn(token) {
    return (await call('POST', '/v1/session', { body: { token }, key: false, stay: true })).body;
}

/** End the session; who came by the identity provider goes on there, where its own may end. */
export async function signOut() {
    const { source } = await me().catch(() => ({}));
    leave();
    try {
        await call('DELETE', '/v1/session', { stay: true });
    } finally {
        globalThis.indexedDB?.deleteDatabase('bptm-kept'); // what was kept to be read without a network (installer/keep.js)
        location.assign(source === 'oidc' ? '/sign-in/oidc/end' : '/sign-in');
    }
}
