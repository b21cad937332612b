// One outage event: its homes, its versions with their reasons, what others say of it, what is nested in it.
import { get, getTagged, patch } from '/lib/api.js';
import { h, icon, link, tag } from '/lib/dom.js';
import { ask, field, form } from '/lib/form.js';
import { confidence, count, kindTag, number, percent, sourceText, stateTag, statusTag, whatText } from '/lib/grid-words.js';
import { may } from '/lib/session.js';
import { page, tabs } from '/lib/shell.js';
import { empty, show, told } from '/lib/state.js';
import { facts, longTable, table } from '/lib/table.js';
import { minutesText, time } from '/lib/time.js';
import { own } from '/lib/words.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const path = `/v1/outage-events/${encodeURIComponent(id)}`;
const place = h('div', { class: 'stack' });

/* -- head ------------------------------------------------------------------- */

function head(e) {
    return h('section', { class: 'card' },
        h('div', { class: 'row' }, h('h2', {}, whatText(e)), kindTag(e.kind), stateTag(e), e.momentary && tag('momentary', 'plain')),
        e.parent_id && h('p', {}, e.kind === 'nested' ? 'Still dark after ' : 'Part of ', link(`/outage?id=${e.parent_id}`, `outage ${e.parent_id}`), '.'),
        facts([
            ['Began', time(e.started_at)], ['Most homes back', time(e.restored_at)], ['Over', e.ended_at ? time(e.ended_at) : 'not yet'], ['Lasted', minutesText(e.minutes)],
            ['Homes that went dark', count(e.customers)], ['Still dark', count(e.dark)], ['Homes with a device there', count(e.served)], ['Known to have had power', count(e.lit)],
            ['The whole element was out', confidence(e.confidence)], ['Circuit', e.circuit_id && h('code', {}, e.circuit_id)], ['Version', `${e.version}, `, time(e.revised_at)],
        ].map(([name, ...value]) => [name, value.length > 1 ? h('span', {}, value) : value[0]])),
        e.customers !== null && h('div', { class: 'actions' },
            h('a', { class: 'button primary', href: `/map?event=${e.id}&period=year` }, icon('play'), 'Play on the map'),
            h('a', { class: 'button', href: `/v1/outages.csv?event_id=${e.id}`, download: `outage-${e.id}.csv` }, icon('down'), 'Homes as CSV'),
            h('a', { class: 'button', href: `/v1/outages.geojson?event_id=${e.id}`, download: `outage-${e.id}.geojson` }, icon('down'), 'GeoJSON')));
}

/* -- homes ------------------------------------------------------------------ */

async function homes(e) {
    const { items, more } = await members();
    if (items.length === 0) {
        return empty('Its homes are not told', 'An outage of few homes is told by its circuit alone.');
    }
    return [more && h('p', { class: 'note warn' }, `The first ${count(items.length)} homes are shown; the CSV has all of them.`),
        longTable({ caption: `Homes of outage ${e.id}`, rows: items, href: (o) => (e.homes ? `/device?serial=${encodeURIComponent(o.device)}` : undefined), columns: [
            { label: e.homes ? 'Device' : 'Interruption', show: (o) => (e.homes ? o.device : String(o.id)), mono: true },
            { label: 'Went dark', show: (o) => time(o.started_at) }, { label: 'Back', show: (o) => (o.ended_at ? time(o.ended_at) : o.end_basis ? tag('not known when', 'warn') : tag('still dark', 'bad')) },
            { label: 'Lasted', show: (o) => minutesText(o.minutes), number: true },
            { label: 'On generator', show: (o) => (o.minutes_on_generator ? minutesText(o.minutes_on_generator) : null), number: true },
            { label: 'Carried', show: (o) => percent(o.share_carried), number: true },
            { label: 'Loss to generator', show: (o) => seconds(o.transfer_delay_ms), number: true },
            { label: 'Return, of setting', show: (o) => o.retransfer_delay_ms !== null && `${seconds(o.retransfer_delay_ms)} of ${seconds(o.retransfer_setting_ms)}`, number: true },
            { label: 'Failed', show: (o) => o.failed_transfers || null, number: true },
            { label: 'Missing records', show: (o) => o.missing_records || null, number: true },
        ].map((c) => ({ ...c, show: (o) => c.show(o) || null })) })];
}

const seconds = (ms) => (ms === null || ms === undefined ? '' : `${number(ms / 1000, 1)} s`);

async function members() {
    const items = [];
    let cursor;
    do {
        const answer = await get('/v1/outages', { event_id: id, limit: 200, cursor });
        items.push(...answer.items);
        cursor = answer.next;
    } while (cursor && items.length < 2000);
    return { items: items.sort((a, b) => a.started_at.localeCompare(b.started_at)), more: Boolean(cursor) };
}

/* -- versions --------------------------------------------------------------- */

const versions = async (e) => h('ol', { class: 'timeline' }, [...e.versions].reverse().map((v) => h('li', {},
    h('div', { class: 'row' }, h('b', {}, `Version ${v.version}`), h('span', { class: 'small' }, time(v.revised_at)), v.reasons.map((r) => h('span', { class: 'chip' }, r))),
    facts([['Homes', count(v.customers)], ['Began', time(v.started_at)], ['Over', v.ended_at ? time(v.ended_at) : 'not yet'], ['Confidence', v.confidence === null ? null : confidence(v.confidence)]]))));

/* -- what others say -------------------------------------------------------- */

async function decide(l, status, reason) {
    const { etag } = await getTagged(`/v1/outage-links/${l.id}`);
    await patch(`/v1/outage-links/${l.id}`, { status, reason: reason ?? null }, etag);
    told({ confirmed: 'Confirmed: it is the same.', refused: 'Refused: it is another one.', proposed: 'Open again.' }[status]);
    draw();
}

const decideAsk = (l, status, words) => ask(words, (close) => form({
    label: words, submit: words, cancel: () => close(),
    fields: [h('p', {}, own(l.name ?? sourceText(l.source))), field({ name: 'reason', label: 'Why', kind: 'textarea', maxlength: 500, help: 'Kept with the match; others read it: nothing personal.' })],
    act: async ({ reason }) => {
        await decide(l, status, reason);
        close();
    },
}));

const score = (name, part) => part?.score !== undefined && h('span', { class: 'chip' }, `${name} ${Math.round(part.score * 100)}`);

async function links(e) {
    if (!e.links) {
        return empty('Not told to your role', 'What other sources say names the utility’s own outages.');
    }
    if (e.links.length === 0) {
        return empty('Nobody else tells of it', 'No feed, shutoff or meter of the utility fits its place and time.');
    }
    return h('ul', { class: 'timeline matches' }, e.links.map((l) => h('li', {},
        h('div', { class: 'row' }, h('b', {}, own(l.name ?? sourceText(l.source))), statusTag(l.status), h('span', { class: 'small' }, sourceText(l.source))),
        h('div', { class: 'row' }, confidence(l.score), score('place', l.parts.place), score('time', l.parts.time), score('circuit', l.parts.circuit)),
        h('p', {}, own(l.explained)),
        facts([['Began', time(l.started_at)], ['Over', time(l.ended_at)], ['Customers', count(l.customers)], ['Proposed', time(l.proposed_at)], l.decided_at && ['Decided', time(l.decided_at)]]),
        l.reason && h('p', { class: 'note' }, own(l.reason)),
        h('div', { class: 'actions' },
            l.status !== 'confirmed' && h('button', { on: { click: () => decideAsk(l, 'confirmed', 'Confirm the match') } }, icon('check'), 'Confirm'),
            l.status !== 'refused' && h('button', { on: { click: () => decideAsk(l, 'refused', 'Refuse the match') } }, icon('cross'), 'Refuse')))));
}

/* -- nested ----------------------------------------------------------------- */

async function nested(e) {
    const all = await Promise.all(e.nested.slice(0, 50).map((n) => get(`/v1/outage-events/${n}`)));
    return [all.length < e.nested.length && h('p', { class: 'note warn' }, `The first 50 of ${count(e.nested.length)} are shown.`),
        table({ caption: 'Nested outages', rows: all, href: (n) => `/outage?id=${n.id}`, columns: [
            { label: 'Outage', show: (n) => String(n.id), mono: true }, { label: 'What', show: whatText, wide: true }, { label: 'State', show: stateTag },
            { label: 'Began', show: (n) => time(n.started_at) }, { label: 'Lasted', show: (n) => minutesText(n.minutes), number: true }, { label: 'Homes', show: (n) => count(n.customers), number: true },
        ] })];
}

/* -- all of it -------------------------------------------------------------- */

async function read(session) {
    const e = await get(path);
    return [head(e), tabs('Outage', [
        ['homes', 'Homes', () => homes(e)], ['versions', `Versions ${e.versions.length}`, () => versions(e)],
        may(session, ['operator']) && ['links', `What others say ${e.links.length}`, () => links(e)],
        e.nested.length > 0 && ['nested', `${e.kind === 'group' ? 'Circuits' : 'Still dark'} ${e.nested.length}`, () => nested(e)],
    ].filter(Boolean))];
}

let session;
const draw = () => show(place, () => read(session), 'Outage');

page({
    title: `Outage ${id}`,
    roles: ['analyst', 'operator'],
    render: (s) => {
        session = s;
        draw();
        return place;
    },
    keys: ['homes', 'versions', 'links', 'nested'].map((name, n) => ({ keys: `${n + 1}`, label: `Tab ${n + 1}`, run: () => place.querySelector(`#tab-${name}`) && place.querySelector('.tabbed').open(name) })),
});
