// Where you are signed in, and to end that; for operators also where everybody is.
import { getAll, remove } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { list } from '/lib/list.js';
import { may, signOut } from '/lib/session.js';
import { laterSection, page, section } from '/lib/shell.js';
import { problem, told } from '/lib/state.js';
import { table } from '/lib/table.js';
import { time } from '/lib/time.js';

const sources = { token: 'access token', oidc: 'identity provider' };

/** Ends what `path` names; the button gives its place to what came of it. */
const endButton = (path, words, done) => h('button', { on: { click: async ({ target }) => {
    target.setAttribute('aria-disabled', 'true');
    try {
        const answer = await remove(path);
        target.replaceWith(h('span', { class: 'small' }, 'ended'));
        told(done(answer));
    } catch (error) {
        target.replaceWith(problem(error));
    }
} } }, words);

/** Columns of a list; `prefix` is where its sessions are ended, `me` the session that looks. */
const columns = (prefix, me) => [
    { label: 'Signed in', show: (s) => time(s.created_at) },
    { label: 'Who', show: (s) => s.subject },
    { label: 'As', show: (s) => s.roles.join(', ') },
    { label: 'By', show: (s) => sources[s.source] },
    { label: 'Until', show: (s) => time(s.expires_at) },
    { label: 'End it', show: (s) => (s.id === me.id ? h('button', { on: { click: signOut } }, 'Sign out here') : endButton(`${prefix}/${s.id}`, 'End', () => 'The session has ended.')) },
];

async function own(me) {
    const { items: rows } = await getAll('/v1/me/sessions');
    return [
        table({ caption: 'Your sessions', columns: columns('/v1/me/sessions', me), rows }),
        rows.length > 1 && h('div', { class: 'actions' }, endButton('/v1/me/sessions', 'End all others', ({ ended }) => `${ended} ended.`)),
    ];
}

page({
    title: 'Sessions',
    render: (me) => [
        laterSection('Yours', () => own(me)),
        may(me, ['operator']) && section('Everybody’s', list({
            path: '/v1/sessions',
            caption: 'Open sessions',
            filters: [{ name: 'of', label: 'Of', kind: 'search', placeholder: 'person, label of a token, or its id', maxlength: 511 }],
            none: ['Nobody', 'No session is open of that name.'],
            columns: columns('/v1/sessions', me),
        })),
    ],
});
