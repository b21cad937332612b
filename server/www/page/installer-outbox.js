// The outbox: what waits, what the server refused with both sides, what was sent; nothing goes by itself.
import { get, getTagged } from '/lib/api.js';
import { valueText } from '/lib/diff.js';
import { h, link, put, tag } from '/lib/dom.js';
import { ask } from '/lib/form.js';
import { empty, problem, show, told } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own as bdi, stateTag } from '/lib/words.js';
import { kept } from '/installer/keep.js';
import { fieldPage } from '/installer/frame.js';
import { again, drop, entries, lastProblem, onOutbox, sendAll } from '/installer/outbox.js';

const place = h('div', { class: 'stack' });
const states = { waiting: ['Waits', 'info'], refused: ['Refused', 'bad'], sent: ['Sent', 'ok'], dropped: ['Given up', 'plain'] };
const named = (name) => name.replaceAll('_', ' ');
const isTime = (value) => /^\d{4}-\d\d-\d\dT/.test(value);
const shown = (value) => (isTime(value) ? time(value) : bdi(valueText(value)));
const pairs = (body, names = Object.keys(body)) => facts(names.filter((n) => body[n] !== undefined && body[n] !== null).map((n) => [named(n), shown(body[n])]));

/** Kind of entry -> what the server has instead: what to ask, and what of it to show. */
const theirs = {
    visit: async (e) => {
        const { items } = await get(`/v1/applications/${e.job}/visits`);
        return items.length ? pairs(items.at(-1), ['visited_at', 'crew', 'socket_form', 'panel_amps', 'result', 'reason', 'role']) : 'No visit.';
    },
    photo: async (e) => {
        const { items } = await get(`/v1/applications/${e.job}/documents`);
        return items.length ? pairs(items.at(-1), ['kind', 'title', 'reference', 'received_at']) : 'No document.';
    },
    meter: async (e) => {
        const device = await get(e.path.replace(/\/assignments$/, ''));
        return facts([['Serial', device.serial], ['State', device.state], ['In place', device.assignment ? `premise ${device.assignment.premise_id}` : 'nowhere'], ['Since', device.assignment && time(device.assignment.from)]]);
    },
    done: async (e) => {
        const check = await get(`/v1/applications/${e.job}/meter-check`);
        return check.lacking.length ? h('ul', {}, check.lacking.map((l) => h('li', {}, l.sentence))) : 'Nothing is lacking now.';
    },
    appointment: async (e) => pairs(await get(e.path), ['purpose', 'starts_at', 'ends_at', 'crew', 'status', 'version']),
};

async function otherSide(e) {
    const app = await get(`/v1/applications/${e.job}`);
    return [h('p', {}, 'The application is ', stateTag(app.state), ' since ', time(app.state_since), '.'), await theirs[e.kind]?.(e)];
}

const isStale = (e) => e.attempts.at(-1)?.status === 412;

/** Send it over what the server has: the person has seen it. */
async function insist(e) {
    const etag = isStale(e) ? (await getTagged(e.path)).etag : e.etag;
    const now = await again(e.id, { etag });
    told(now.state === 'sent' ? 'Sent.' : now.state === 'waiting' ? 'It waits for the network.' : 'Refused again.', now.state === 'refused' ? 'bad' : 'ok');
}

const giveUp = (e) => ask('Give this entry up?', (close) => h('div', { class: 'stack' },
    h('p', {}, 'It is not sent, now or later. It stays in this list for 30 days.'), h('p', {}, h('b', {}, bdi(e.title))),
    h('div', { class: 'actions' }, h('button', { class: 'danger', on: { click: async () => {
        await drop(e.id);
        close(true);
    } } }, 'Give it up'), h('button', { on: { click: () => close() } }, 'Keep it'))));

function bothSides(e) {
    const other = h('div', {});
    show(other, () => otherSide(e), 'What the server has');
    return h('div', { class: 'sides' },
        h('section', {}, h('h3', {}, 'What you entered'), pairs(e.body)),
        h('section', {}, h('h3', {}, 'What the server has'), other));
}

const actions = (e) => h('div', { class: 'actions' },
    h('button', { on: { click: () => insist(e) } }, isStale(e) ? 'Send mine over it' : 'Send again'),
    h('button', { class: 'danger', on: { click: () => giveUp(e) } }, 'Give it up …'), link(`/installer/job?id=${e.job}`, 'To the job'));

function card(e, all, subject) {
    const before = all.find((o) => o.job === e.job && o.id < e.id && ['waiting', 'refused'].includes(o.state));
    const p = lastProblem(e);
    return h('section', { class: 'card entry', 'data-entry': e.id },
        h('div', { class: 'row' }, h('h2', {}, bdi(e.title)), tag(...states[e.state])),
        h('p', { class: 'small' }, 'Job ', link(`/installer/job?id=${e.job}`, String(e.job)), ', entered ', time(e.at), e.by !== subject && [' by ', bdi(e.by)], e.sent_at && [', sent ', time(e.sent_at)], e.dropped_at && [', given up ', time(e.dropped_at)]),
        e.state === 'refused' && [problem({ problem: { ...p, errors: (p.errors ?? []).filter((m) => m.detail !== p.detail) } }), bothSides(e), actions(e)],
        e.state === 'waiting' && h('p', {}, e.by !== subject ? ['It is sent when ', bdi(e.by), ' signs in on this phone.'] : before ? 'It waits for the entry of this job before it.'
            : p ? ['Tried ', time(e.attempts.at(-1).at), ': ', bdi(p.title), '. It is sent by itself.'] : 'It is sent as soon as there is a network.'),
        e.state === 'dropped' && pairs(e.body));
}

async function draw() {
    const all = await entries();
    const { subject } = await kept.get('session') ?? {};
    const open = all.filter((e) => e.state === 'refused').concat(all.filter((e) => e.state === 'waiting'));
    const past = all.filter((e) => ['sent', 'dropped'].includes(e.state)).reverse();
    put(place,
        open.length === 0 ? empty('Nothing waits', 'All that was entered on this phone is with the server.') : [
            open.some((e) => e.state === 'waiting') && h('div', { class: 'actions' }, h('button', { on: { click: async () => {
                await sendAll();
                draw();
            } } }, 'Try to send now')),
            open.map((e) => card(e, all, subject))],
        past.length > 0 && h('details', { class: 'past', open: open.length === 0 }, h('summary', {}, `Sent and given up (${past.length})`), h('div', { class: 'stack' }, past.map((e) => card(e, all, subject)))));
    return place;
}

fieldPage({
    title: 'Outbox',
    roles: ['installer'],
    render: async () => {
        onOutbox(draw);
        return draw();
    },
});
