// Sign in: an access token for a session. The token is sent once and kept nowhere.
import { h, put } from '/lib/dom.js';
import { field, form } from '/lib/form.js';
import { signIn } from '/lib/session.js';

/** Only a page of this server. */
function next() {
    const wanted = new URLSearchParams(location.search).get('next') ?? '/';
    const url = new URL(wanted, location.origin);
    return url.origin === location.origin && /^\/(?![/\\])/.test(wanted) ? wanted : '/';
}

put(document.body, h('main', { class: 'sign-in' },
    h('div', { class: 'card' },
        h('img', { src: '/icon.svg', alt: '', width: 40, height: 40 }),
        h('h1', {}, 'BPTM fleet'),
        h('p', { class: 'lead' }, 'Backup Power Transfer Meter programme: enrolment, devices, outages.'),
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
