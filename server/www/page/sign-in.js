// Sign in: an access token for a session. The token is sent once and kept nowhere.
import { call } from '/lib/api.js';
import { h, put } from '/lib/dom.js';
import { field, form } from '/lib/form.js';
import { signIn } from '/lib/session.js';

/** Only a page of this server. */
function next() {
    const wanted = new URLSearchParams(location.search).get('next') ?? '/';
    const url = new URL(wanted, location.origin);
    return url.origin === location.origin && /^\/(?![/\\])/.test(wanted) ? wanted : '/';
}

/** What `?problem=` stands for, after the identity provider. */
const problems = {
    denied: 'The identity provider did not sign you in.',
    state: 'This sign-in is over, or was begun in another browser. Please try again.',
    away: 'The identity provider does not answer. Please try again in a moment.',
    busy: 'Too many people are signing in at this moment. Please try again.',
    token: 'What the identity provider says of you could not be verified.',
    role: 'You are known to the identity provider, but have no role here. Your administrator gives you one.',
};

const said = problems[new URLSearchParams(location.search).get('problem')];
const provider = h('div', {});

put(document.body, h('main', { class: 'sign-in' },
    h('div', { class: 'card' },
        h('img', { src: '/icon.svg', alt: '', width: 40, height: 40 }),
        h('h1', {}, 'BPTM fleet'),
        h('p', { class: 'lead' }, 'Backup Power Transfer Meter programme: enrolment, devices, outages.'),
        said && h('div', { class: 'state failed', role: 'alert' }, said),
        provider,
        form({
            label: 'Sign in',
            submit: 'Sign in',
            fields: field({ name: 'token', label: 'Access token', kind: 'password', autocomplete: 'current-password', spellcheck: 'false', required: true, help: 'Your administrator gives you one. It begins with bptm_.' }),
            act: async ({ token }) => {
                await signIn(token);
                location.replace(next());
            },
        }),
        h('p', { class: 'small' }, 'You stay signed in for ten hours on this computer.'))));
document.querySelector('input').focus();

call('GET', '/v1/sign-in', { stay: true }).then(({ body }) => {
    if (body.oidc) {
        put(provider, h('a', { class: 'button primary wide', href: `/sign-in/oidc?next=${encodeURIComponent(next())}` }, 'Sign in with your organisation'),
            h('p', { class: 'small' }, 'Or with an access token:'));
    }
}, () => {}); // without an answer the token is the way in
