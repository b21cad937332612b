// The front page: what waits for this person, then where one can go.
import { get } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { front } from '/lib/front.js';
import { menu } from '/lib/menu.js';
import { may } from '/lib/session.js';
import { laterSection, page, section } from '/lib/shell.js';
import { empty } from '/lib/state.js';
import { time } from '/lib/time.js';
import { stateChoices, stateTag } from '/lib/words.js';

const waiting = ['submitted', 'in_review', 'needs_information', 'eligible', 'waitlisted', 'approved', 'scheduled', 'installable'];

async function queueTiles() {
    const { items } = await get('/v1/queue-states');
    const by = Object.fromEntries(items.map((s) => [s.state, s]));
    return h('ul', { class: 'tiles' }, stateChoices.filter(([s]) => waiting.includes(s)).map(([state]) => {
        const s = by[state];
        return h('li', {}, h('a', { href: `/queue?state=${state}`, 'data-row': true },
            h('span', { class: 'count' }, s.count.toLocaleString('en-US')), stateTag(state),
            h('span', { class: 'small' }, s.count === 0 ? 'none' : [`${s.unassigned.toLocaleString('en-US')} nobody’s`, s.overdue > 0 && `, ${s.overdue.toLocaleString('en-US')} overdue`, ', oldest ', time(s.oldest_at, 'age')])));
    }));
}

page({
    title: 'Home',
    render: (session) => {
        const seen = menu.filter((m) => m.href !== '/' && may(session, m.roles));
        return [
            may(session, ['enrolment']) && laterSection('Applications on their way', queueTiles),
            front(session),
            seen.length === 0 ? empty('Nothing here for your role yet', 'The REST API is described at /openapi.json.')
                : section('Where to', h('ul', { class: 'tiles' }, seen.map((m) => h('li', {}, h('a', { href: m.href, 'data-row': true }, h('b', {}, m.label), h('span', {}, m.hint)))))),
        ];
    },
});
