// The map of outages, circuits, zones and devices, beside a table that says the same; and playback of an event.
import { get, getAll } from '/lib/api.js';
import { add, h, link, put, tag } from '/lib/dom.js';
import { FEATURES_MOST, features, flat } from '/lib/features.js';
import { field, valuesOf } from '/lib/form.js';
import { count, whatText } from '/lib/grid-words.js';
import { changesOf, circuitAreas, circuitRows, keyOfRow, keyRows, layers, pointsOf, toldOf, zoneAreas } from '/lib/map-layers.js';
import { keyOf, MapView } from '/lib/map-view.js';
import { moments, Playback } from '/lib/playback.js';
import { page, tabs } from '/lib/shell.js';
import { empty, problem, show } from '/lib/state.js';
import { longTable } from '/lib/table.js';
import { fieldTime, time, timeOfField } from '/lib/time.js';

const periods = { day: ['Last 24 hours', 1], week: ['Last 7 days', 7], month: ['Last 30 days', 30], year: ['Last 365 days', 365], own: ['From … to …', 0] };
const usual = { period: 'month', layers: 'events,devices,circuits,zones' };

/* -- what is asked for: it lives in the URL --------------------------------- */

function readUrl() {
    const q = new URLSearchParams(location.search);
    const period = periods[q.get('period')] ? q.get('period') : q.get('from') ? 'own' : usual.period;
    return { period, from: q.get('from') ?? undefined, to: q.get('to') ?? undefined, box: q.get('bbox') ?? undefined, event: q.get('event') ?? undefined, at: q.get('at') ?? undefined,
        on: new Set((q.get('layers') ?? usual.layers).split(',').filter((l) => layers[l])) };
}

const asked = readUrl();

function writeUrl() {
    const { period, from, to, box, event, at, on } = asked;
    const values = { ...(period !== usual.period && { period }), ...(period === 'own' && { from, to }), bbox: box, event, at, ...([...on].join() !== usual.layers && { layers: [...on].join() }) };
    const q = new URLSearchParams(Object.entries(values).filter(([, v]) => v));
    history.replaceState(null, '', q.size ? `?${q}` : location.pathname);
}

/** The period as `from/to` of a collection. */
function interval() {
    const from = asked.period === 'own' ? asked.from : new Date(Date.now() - periods[asked.period][1] * 86_400_000).toISOString();
    return `${from ?? '..'}/${(asked.period === 'own' && asked.to) || '..'}`;
}

/* -- what is there ---------------------------------------------------------- */

const data = { events: [], homes: [], devices: [], circuits: [], known: [], zones: [], left: [], event: undefined, members: [] };

const newest = (list) => list.sort((a, b) => b.started_at.localeCompare(a.started_at));

/** Rows of a layer, and a word for what its limit left out. */
async function take(name) {
    const { collection, hasTime, label } = layers[name];
    const { items, matched, more } = await features(collection, { bbox: asked.box, ...(hasTime && { datetime: interval() }) });
    if (more) {
        data.left.push(`${count(FEATURES_MOST)} of ${count(matched)} ${label.toLowerCase()}`);
    }
    return items;
}

/** What matters first; devices may be many, and come after it. */
async function load() {
    Object.assign(data, { left: [], devices: [] });
    const [events, homes, zones, circuits] = await Promise.all([
        take('events'), asked.on.has('homes') ? take('homes') : [], asked.on.has('zones') ? take('zones') : [], getAll('/v1/circuits', { metered: 'true' }, FEATURES_MOST)]);
    Object.assign(data, { events: newest(events), homes: newest(homes), zones, known: circuits.items, circuits: circuitRows(circuits.items, [], events) });
    await loadEvent();
}

async function loadDevices() {
    data.devices = await take('devices');
    data.circuits = circuitRows(data.known, data.devices, data.events);
}

/** The event that is played, and its homes. */
async function loadEvent() {
    Object.assign(data, { event: undefined, members: [] });
    if (asked.event) {
        const [event, geo] = await Promise.all([get(`/v1/outage-events/${encodeURIComponent(asked.event)}`), get('/v1/outages.geojson', { event_id: asked.event })]);
        Object.assign(data, { event, members: geo.features.map(flat) });
    }
    const times = changesOf(data.event ? data.members : data.homes);
    playback.set(moments(times.length || data.event ? times : data.events.flatMap((e) => [e.started_at, e.ended_at].filter(Boolean).map((t) => new Date(t).getTime()))));
    if (data.event && data.members.length === 0) {
        playback.set([]);
    }
}

/** Rows of a layer as the table and the map have them now. */
const rowsOf = (name) => (name === 'homes' && data.event ? data.members : data[name]);

/* -- the map ---------------------------------------------------------------- */

const card = h('div', { class: 'map-card' }), note = h('div', { class: 'map-notes' }), key = h('figcaption', {}), side = h('div', { class: 'map-side' });
let tabbed, onlySeen = false, wait;

const map = new MapView({
    label: 'Map of outages, circuits, zones and devices. The table beside it says the same.',
    pick: (items) => choose(items, 'map'),
    open: (item) => {
        const to = layers[item.layer].href?.(item.row);
        return to && location.assign(to);
    },
    moved: () => {
        clearTimeout(wait);
        wait = onlySeen && !side.contains(document.activeElement) ? setTimeout(() => drawTable(), 300) : undefined;
    },
});

const playback = new Playback({
    change: (at) => {
        asked.at = at && new Date(at).toISOString();
        writeUrl();
        drawMap(true);
        drawTable(at !== undefined && (data.event || data.homes.length) ? 'homes' : undefined);
    },
    say: (at) => (data.event || data.homes.length ? toldOf(rowsOf('homes'), at) : `${data.events.filter((e) => new Date(e.started_at) <= at && !(new Date(e.ended_at ?? Infinity) <= at)).length} open`),
});

function drawMap(keep) {
    const at = playback.at, { event } = data;
    const homes = asked.on.has('homes') || event ? pointsOf('homes', rowsOf('homes'), at) : [];
    const points = [
        ...(asked.on.has('devices') && !event ? pointsOf('devices', data.devices, at, asked.on.has('events') || asked.on.has('homes')) : []), ...homes,
        ...(asked.on.has('events') && !(event && homes.length) ? pointsOf('events', event ? data.events.filter((e) => e.id === event.id) : data.events, at) : []),
    ];
    const areas = [...(asked.on.has('zones') ? zoneAreas(data.zones) : []), ...(asked.on.has('circuits') ? circuitAreas(data.circuits) : [])];
    map.show({ points, areas, around: homes.length ? homes : points }, keep);
    const on = event ? new Set([...asked.on].filter((l) => l !== 'devices' && (l !== 'events' || homes.length === 0))) : asked.on;
    put(key, keyRows(on, data.zones, at, Boolean(event)).map(([style, words]) => keyOf(map.inks, style, words)));
}

/* -- what is chosen, on the map and in the table ---------------------------- */

let marking;

function choose(items, by) {
    const first = items[0];
    if (by === 'map' && first && tabbed && tabName() !== first.layer) {
        tabbed.open(first.layer, true);
    }
    cancelAnimationFrame(marking); // the table that a tab opens comes with the next frame
    marking = requestAnimationFrame(() => {
        for (const row of side.querySelectorAll('tr[aria-current]')) {
            row.removeAttribute('aria-current');
        }
        for (const item of items) {
            const row = side.querySelector(`[data-key="${CSS.escape(item.key)}"]`)?.closest('tr');
            row?.setAttribute('aria-current', 'true');
            if (by === 'map' && item === first) {
                row?.scrollIntoView({ block: 'nearest' });
            }
        }
    });
    put(card, items.length === 0 ? h('p', { class: 'small' }, 'Choose something on the map or in the table.')
        : [items.slice(0, 6).map(cardOf), items.length > 6 && h('p', { class: 'small' }, `and ${items.length - 6} others at the same place.`)]);
}

function cardOf(item) {
    const to = layers[item.layer].href?.(item.row);
    return h('div', { class: 'row' }, h('b', {}, item.title), to && h('a', { class: 'button', href: to }, 'Open'),
        item.layer === 'events' && h('button', { type: 'button', on: { click: () => playEvent(item.row.id) } }, 'Play it'));
}

function picked(name, row) {
    const item = { key: keyOfRow(name, row), layer: name, row, title: layers[name].title(row, playback.at) };
    if (map.chosen !== item.key) {
        map.choose(item.key);
        choose([item], 'table');
    }
}

async function playEvent(id) {
    Object.assign(asked, { event: String(id), at: undefined });
    await draw(false);
    playback.toggle();
    playback.play.focus();
}

/* -- the table -------------------------------------------------------------- */

const tabName = () => side.querySelector('[role=tab][aria-selected=true]')?.id.slice(4) ?? 'events';

function tableOf(name) {
    const { label, columns, href } = layers[name];
    const all = rowsOf(name), rows = onlySeen ? all.filter((r) => r.at && map.sees(r.at)) : all;
    if (rows.length === 0) {
        return empty(`No ${label.toLowerCase()}`, all.length ? 'None of them is in the section that the map shows.' : !asked.on.has(name) && layers[name].collection ? 'This layer is not on.' : 'Nothing of the kind in this period and place.');
    }
    const shown = columns(playback.at), [first, ...others] = shown;
    const named = { ...first, show: (r) => h('span', { 'data-key': keyOfRow(name, r) }, first.show ? first.show(r) : r[first.key]) };
    const without = all.filter((r) => 'at' in r && !r.at).length;
    const made = longTable({ caption: label, columns: [named, ...others], rows, href: href && ((r) => href(r)), pick: (r) => picked(name, r) });
    made.querySelector(`[data-key="${CSS.escape(map.chosen ?? '')}"]`)?.closest('tr').setAttribute('aria-current', 'true');
    return [made,
        without > 0 && name !== 'zones' && h('p', { class: 'small' }, `${count(without)} of them without a place that may be told: in this table only.`)];
}

function drawTable(name = tabName()) {
    const rows = Object.keys(layers);
    if (!tabbed) {
        tabbed = tabs('What is on the map', rows.map((n) => [n, layers[n].label, async () => tableOf(n)]));
        const seen = field({ name: 'seen', label: 'Only what the map shows', kind: 'checkbox' });
        seen.addEventListener('change', () => {
            onlySeen = seen.querySelector('input').checked;
            drawTable();
        });
        put(side, h('div', { class: 'row' }, seen), tabbed);
    }
    for (const n of rows) {
        put(side.querySelector(`#tab-${n}`), layers[n].label, h('span', { class: 'small' }, ` ${count(rowsOf(n).length)}`));
    }
    tabbed.open(name, true);
}

/* -- all of it -------------------------------------------------------------- */

/** Away from one outage, or one section. */
const everything = () => (asked.event || asked.box) && h('button', { type: 'button', on: { click: () => {
    Object.assign(asked, { event: undefined, at: undefined, box: undefined });
    draw(false);
} } }, asked.event ? 'Show all outages' : 'Everywhere');

function notes() {
    const { event } = data;
    put(note,
        event && h('p', { class: 'note' }, h('b', {}, `Outage ${event.id}: ${whatText(event)}. `), link(`/outage?id=${event.id}`, 'Its page'), ', began ', time(event.started_at), event.homes === null && data.members.length === 0 && '. Of few homes: its single homes are not told. ', ' ',
            everything()),
        data.left.length > 0 && h('p', { class: 'note warn' }, `Only ${data.left.join(', ')} are here: choose a shorter period, or only a section of the map.`),
        asked.box && !event && h('p', { class: 'row' }, tag('one section of the map', 'info'), everything()));
}

function section(box) {
    asked.box = box.map((n) => n.toFixed(5)).join();
    draw(true);
}

let turns = 0; // a later call wins

async function draw(keep) {
    const { at } = asked, turn = ++turns;
    writeUrl();
    map.box.setAttribute('aria-busy', 'true');
    try {
        await load();
        if (turn !== turns) {
            return;
        }
        notes();
        drawMap(keep);
        drawTable(data.event ? 'homes' : undefined);
        choose([], 'load');
        playback.seek(at);
        map.touched = keep;
        await loadDevices();
        if (turn !== turns) {
            return;
        }
        notes();
        drawMap(map.touched);
        if (!side.contains(document.activeElement)) {
            drawTable();
        }
    } catch (error) {
        if (!error.problem) {
            console.error(error);
        }
        put(note, problem(error, () => draw(keep)), everything());
    } finally {
        if (turn === turns) {
            map.box.removeAttribute('aria-busy');
        }
    }
}

function filters() {
    const own = h('div', { class: 'own-period' },
        field({ name: 'from', label: 'From', kind: 'datetime-local', value: fieldTime(asked.from) }), field({ name: 'to', label: 'To', kind: 'datetime-local', value: fieldTime(asked.to) }));
    own.hidden = asked.period !== 'own';
    const node = h('form', { class: 'filters', 'aria-label': 'What the map shows', on: { submit: (e) => e.preventDefault() } },
        field({ name: 'period', label: 'Period', kind: 'select', value: asked.period, choices: Object.entries(periods).map(([code, [words]]) => [code, words]) }), own,
        h('fieldset', { class: 'checks' }, h('legend', {}, 'On the map'), Object.entries(layers).map(([name, { label }]) => field({ name, label, kind: 'checkbox', value: asked.on.has(name) }))),
        h('button', { type: 'button', on: { click: () => section(map.box4) } }, 'Only this section'));
    node.addEventListener('change', () => {
        const v = valuesOf(node);
        if (v.period === 'own' && asked.period !== 'own') {
            asked.from ??= new Date(Date.now() - periods[asked.period][1] * 86_400_000).toISOString();
            node.elements.from.value = fieldTime(asked.from);
        }
        Object.assign(asked, { period: v.period, on: new Set(Object.keys(layers).filter((l) => v[l])) });
        if (v.period === 'own') {
            Object.assign(asked, { from: timeOfField(v.from), to: timeOfField(v.to) });
        }
        own.hidden = v.period !== 'own';
        draw(true);
    });
    return node;
}

const keys = [
    { keys: 'm', label: 'To the map', run: () => map.box.focus() },
    { keys: 't', label: 'To the table', run: () => side.querySelector('[data-row], [role=tab]')?.focus() },
    { keys: 'x', label: 'Play or pause', run: () => playback.steps && playback.toggle() },
    { keys: ',', label: 'One step back', run: () => playback.steps && playback.step(-1) },
    { keys: '.', label: 'One step on', run: () => playback.steps && playback.step(1) },
];

page({
    title: 'Map',
    roles: ['analyst', 'operator'],
    keys,
    render: () => {
        const first = h('div', {});
        const all = add(h('div', { class: 'stack' }), filters(), note, h('div', { class: 'map-and-table' },
            h('figure', { class: 'map-figure' }, map.node, key, playback.node, map.said, card), side), first);
        show(first, async () => {
            await draw(false);
            return null;
        }, 'Map');
        return all;
    },
});

