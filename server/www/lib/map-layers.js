// What is on the map of outages, layer by layer: how a thing is drawn and how the table beside it says the same.
import { h, tag } from './dom.js';
import { hull, polygonsOf } from './features.js';
import { confidence, count, stateTag, whatCell, whatText } from './grid-words.js';
import { minutesText, time, timeText } from './time.js';

const ms = (at) => (at ? new Date(at).getTime() : undefined);
const circuitText = (id) => id || null;

/* -- states at a moment ----------------------------------------------------- */

const homeStates = {
    before: { words: 'Not yet out', tone: 'plain', style: { shape: 'circle', ink: 'before', radius: 4, hollow: true } },
    dark: { words: 'Dark', tone: 'bad', style: { shape: 'circle', ink: 'dark', radius: 7 } },
    generator: { words: 'On its generator', tone: 'warn', style: { shape: 'square', ink: 'generator', radius: 7 } },
    back: { words: 'Back', tone: 'ok', style: { shape: 'circle', ink: 'back', radius: 6, hollow: true } },
};

/** Of a home's interruption at a moment (ms), or as it ended when there is none. */
function homeState(o, at = Infinity) {
    const from = ms(o.started_at), to = ms(o.ended_at) ?? (o.end_basis ? from : Infinity);
    if (at < from) {
        return 'before';
    }
    if (at >= to && to !== Infinity) {
        return 'back';
    }
    return o.transferred_at && at >= ms(o.transferred_at) && !(o.returned_at && at >= ms(o.returned_at)) ? 'generator' : 'dark';
}

const isOpen = (e, at) => (at === undefined ? e.state === 'open' : ms(e.started_at) <= at && !(e.ended_at && ms(e.ended_at) <= at));

/** Times at which something of these interruptions changes. */
export const changesOf = (outages) => outages.flatMap((o) => [o.started_at, o.ended_at, o.transferred_at].map(ms)).filter(Boolean);

/** How many are dark, on a generator and back at a moment, in words. */
export function toldOf(outages, at) {
    const by = Object.groupBy(outages, (o) => homeState(o, at));
    return Object.entries(homeStates).filter(([s]) => by[s]).map(([s, { words }]) => `${by[s].length} ${words.toLowerCase()}`).join(', ') || 'nothing';
}

/* -- layers ----------------------------------------------------------------- */

const eventShape = { outage: 'circle', nested: 'diamond', group: 'square' };
const eventStyle = (e, at) => ({ shape: eventShape[e.kind], ink: isOpen(e, at) ? 'event' : 'past', radius: Math.min(18, 7 + 1.3 * Math.sqrt(e.customers ?? 1)), hollow: !isOpen(e, at) });

const deviceStyle = (d) => (d.faults ? { shape: 'triangle', ink: 'fault', radius: 6 } : d.online ? { shape: 'circle', ink: 'device', radius: 4 } : { shape: 'circle', ink: 'off', radius: 4, hollow: true });
const deviceState = (d) => (d.faults ? tag('fault', 'bad') : d.online === null ? tag('never heard', 'plain') : d.online ? tag('online', 'ok') : tag('offline', 'warn'));

const zoneStyles = [{ ink: 'zone-1' }, { ink: 'zone-2', dash: [7, 4] }, { ink: 'zone-3', dash: [2, 4] }, { ink: 'zone-4', dash: [9, 3, 2, 3] }];
const zoneName = (z) => `${z.layer.toUpperCase()}${z.tier ? ` tier ${z.tier}` : ''}`;

const homeName = (o) => o.device ?? `Interruption ${o.id}`;
const deviceName = (d) => d.serial ?? `Device ${d.id}`;

/**
 * Each layer: key, label, the collection it is of, and
 *   points(rows, at)  what is drawn
 *   columns(at)       of its table; `href` where a row leads
 */
export const layers = {
    events: {
        label: 'Outages', collection: 'outage-events', hasTime: true,
        href: (e) => `/outage?id=${e.id}`,
        style: eventStyle,
        title: (e) => `Outage ${e.id}: ${whatText(e)}, ${e.customers === null ? 'few homes' : `${e.customers} homes`}, ${e.state}, since ${timeText(e.started_at)}`,
        columns: (at) => [
            { label: 'Outage', show: (e) => String(e.id), mono: true }, { label: 'What', show: whatCell },
            { label: 'State', show: (e) => (at === undefined ? stateTag(e) : isOpen(e, at) ? tag('open then', 'bad') : tag('not then', 'plain')) },
            { label: 'Began', show: (e) => time(e.started_at) }, { label: 'Lasted', show: (e) => minutesText(e.minutes), number: true },
            { label: 'Homes', show: (e) => count(e.customers), number: true }, { label: 'Confidence', show: (e) => confidence(e.confidence) },
        ],
    },
    homes: {
        label: 'Homes', collection: 'outages', hasTime: true,
        href: (o) => (o.device ? `/device?serial=${encodeURIComponent(o.device)}` : undefined),
        style: (o, at) => homeStates[homeState(o, at)].style,
        title: (o, at) => `${homeName(o)}, circuit ${o.circuit_id ?? 'not known'}: ${homeStates[homeState(o, at)].words.toLowerCase()}`,
        columns: (at) => [
            { label: 'Home', show: homeName, mono: true },
            { label: 'State', show: (o) => tag(homeStates[homeState(o, at)].words, homeStates[homeState(o, at)].tone) },
            { label: 'Began', show: (o) => time(o.started_at) }, { label: 'Lasted', show: (o) => minutesText(o.minutes), number: true },
            { label: 'On generator', show: (o) => (o.minutes_on_generator ? minutesText(o.minutes_on_generator) : null), number: true },
            { label: 'Circuit', show: (o) => circuitText(o.circuit_id), mono: true }, { label: 'City', key: 'city' },
        ],
    },
    devices: {
        label: 'Devices', collection: 'devices',
        href: (d) => (d.serial ? `/device?serial=${encodeURIComponent(d.serial)}` : undefined),
        style: deviceStyle,
        title: (d) => `${deviceName(d)}, circuit ${d.circuit_id ?? 'not known'}: ${d.faults ? 'fault' : d.online ? 'online' : 'not online'}`,
        columns: () => [
            { label: 'Device', show: deviceName, mono: true }, { label: 'State', show: deviceState }, { label: 'Circuit', show: (d) => circuitText(d.circuit_id), mono: true },
            { label: 'City', key: 'city' }, { label: 'Last status', show: (d) => time(d.status_at) }, { label: 'Firmware', key: 'firmware', mono: true },
        ],
    },
    circuits: {
        label: 'Circuits',
        title: (c) => `Circuit ${c.id}: ${c.devices} devices, ${c.out} outages`,
        columns: () => [
            { label: 'Circuit', key: 'id', mono: true }, { label: 'Name', key: 'name', wide: true }, { label: 'Lists', show: (c) => c.lists.map((l) => h('span', { class: 'chip' }, l.toUpperCase())) },
            { label: 'Devices', show: (c) => count(c.devices), number: true }, { label: 'Outages', show: (c) => count(c.out), number: true }, { label: 'On the map', show: (c) => (c.rings ? 'yes' : 'too few places') },
        ],
    },
    zones: {
        label: 'Zones', collection: 'zones',
        title: (z) => `${zoneName(z)}: ${z.name}`,
        columns: () => [
            { label: 'Zone', show: (z) => z.name ?? zoneName(z), wide: true }, { label: 'Layer', show: zoneName }, { label: 'Version', key: 'layer_version', number: true }, { label: 'Source', key: 'source', wide: true },
        ],
    },
};

export const keyOfRow = (layer, row) => `${layer}-${row.id}`;

/** Points of a layer: what has a place. */
export const pointsOf = (name, rows, at, quiet) => rows.filter((row) => row.at).map((row) => (
    { key: keyOfRow(name, row), layer: name, rank: Object.keys(layers).indexOf(name), row, at: row.at, style: layers[name].style(row, at), title: layers[name].title(row, at), quiet }));

/** Circuits as rows: their devices and outages counted, and the area of their devices. */
export function circuitRows(known, devices, events) {
    const byCircuit = Object.groupBy(devices, (d) => d.circuit_id ?? '');
    const out = Object.groupBy(events.filter((e) => e.kind === 'outage'), (e) => e.circuit_id ?? '');
    return known.map((c) => {
        const mine = byCircuit[c.id] ?? [], ring = hull(mine.filter((d) => d.at).map((d) => d.at));
        return { id: c.id, name: c.name, lists: c.designations.map((d) => d.designation), devices: mine.length, out: out[c.id]?.length ?? 0, rings: ring.length > 2 ? [ring] : null };
    });
}

/** Where the name of an area stands: above its northernmost corner. */
const top = (ring) => ring.reduce((most, p) => (p[1] > most[1] ? p : most));

export const circuitAreas = (rows) => rows.filter((c) => c.rings).map((c) => (
    { key: keyOfRow('circuits', c), rings: c.rings, style: { ink: 'circuit', fill: 0.08 }, name: c.name, at: top(c.rings[0]), title: layers.circuits.title(c) }));

/** Styles of zones by what they are called, in their order. */
const zoneStyleOf = (zones) => Object.fromEntries([...new Set(zones.map(zoneName))].map((name, n) => [name, zoneStyles[n % zoneStyles.length]]));

export function zoneAreas(zones) {
    const styles = zoneStyleOf(zones);
    return zones.map((z) => ({ key: keyOfRow('zones', z), rings: polygonsOf(z.geometry).flat(), style: styles[zoneName(z)], title: layers.zones.title(z) }));
}

/** What the key of the map says: [style, words] of what is drawn now. */
export function keyRows(on, zones, at, isPlaying) {
    return [
        ...(on.has('events') ? [[{ shape: 'circle', ink: 'event', radius: 7 }, at === undefined ? 'Outage, open' : 'Outage, open then'], [{ shape: 'circle', ink: 'past', radius: 6, hollow: true }, 'Outage, over'], [{ shape: 'diamond', ink: 'event', radius: 5 }, 'Still dark after it']] : []),
        ...(on.has('homes') || isPlaying ? Object.values(homeStates).map(({ words, style }) => [style, words]) : []),
        ...(on.has('devices') ? [[{ shape: 'circle', ink: 'device', radius: 5 }, 'Device, online'], [{ shape: 'circle', ink: 'off', radius: 5, hollow: true }, 'Device, not online'], [{ shape: 'triangle', ink: 'fault', radius: 5 }, 'Device with a fault']] : []),
        ...(on.has('circuits') ? [[{ ink: 'circuit' }, 'Circuit: around its devices']] : []),
        ...(on.has('zones') ? Object.entries(zoneStyleOf(zones)).map(([name, style]) => [style, name]) : []),
    ];
}

