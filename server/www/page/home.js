// The front page: what there is for this person.
import { h } from '/lib/dom.js';
import { menu } from '/lib/menu.js';
import { may } from '/lib/session.js';
import { page } from '/lib/shell.js';
import { empty } from '/lib/state.js';

page({
    title: 'Home',
    render: (session) => {
        const seen = menu.filter((m) => m.href !== '/' && may(session, m.roles));
        return seen.length === 0 ? empty('Nothing here for your role yet', 'The REST API is at /openapi.json.')
            : h('ul', { class: 'tiles' }, seen.map((m) => h('li', {}, h('a', { href: m.href, 'data-row': true }, h('b', {}, m.label), h('span', {}, m.hint)))));
    },
});
