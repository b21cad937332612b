// One device: what its lights show, its contactors, its story as lanes, its journal, its commands.
import { get, getAll } from '/lib/api.js';
import { h, put, s, tag } from '/lib/dom.js';
import { custodyView } from '/lib/custody.js';
import { commandForm, commandsTable } from '/lib/command.js';
import { field } from '/lib/form.js';
import { count, percent, words } from '/lib/grid-words.js';
import { replica } from '/lib/lamps.js';
import { laterSection, page, section, tabs } from '/lib/shell.js';
import { empty, show } from '/lib/state.js';
import { episodes, recordText, storyChart } from '/lib/story.js';
import { facts, table } from '/lib/table.js';
import { minutesText, time } from '/lib/time.js';
import { own } from '/lib/words.js';

const serial = new URLSearchParams(location.search).get('serial') ?? '';
const path = `/v1/devices/${encodeURIComponent(serial)}`;
const RECORDS = 400, EVERY = 3000;

/* -- its face, again and again ---------------------------------------------- */

const face = h('div', {}), state = h('div', { class: 'actions' });
let device;

function drawFace() {
    put(face, device.status ? replica(device) : empty('It has not told its state yet', 'The first status comes when it connects.'));
    put(state, device.state === 'retired' && tag('retired', 'plain'), device.link === null ? tag('never connected', 'plain') : device.link.online ? tag('online', 'ok') : tag('offline', 'warn'),
        device.link && h('span', { class: 'small' }, 'since ', time(device.link.at)));
}

async function again() {
    if (document.visibilityState === 'visible') {
        try {
            const fresh = await get(path);
            const changed = JSON.stringify([fresh.status, fresh.link]) !== JSON.stringify([device.status, device.link]);
            device = fresh;
            if (changed || face.querySelector('.old') || Date.now() - new Date(device.status?.received_at ?? 0) > 1000 * device.silent_after_s) {
                drawFace();
            }
        } catch {
            // the next time
        }
    }
    setTimeout(again, EVERY);
}

/* -- where and what it is --------------------------------------------------- */

async function place() {
    const a = device.assignment;
    if (!a) {
        return h('p', { class: 'none' }, 'At no home now.');
    }
    const p = await get(`/v1/premises/${a.premise_id}`);
    return facts([['Address', own(`${p.address}, ${p.city} ${p.postal_code}`)], ['Circuit', p.circuit_id && h('code', {}, p.circuit_id)], ['Transformer', p.transformer_id], ['There since', time(a.from)], ['Meter', p.meter_number && h('code', {}, p.meter_number)]]);
}

const what = () => facts([
    ['Model', `${device.model.name}, ${device.model.maker}`], ['Hardware', device.hardware_revision], ['Firmware', device.status && h('code', {}, device.status.firmware)],
    ['Goes back', device.model.return_policy === 'automatic' ? 'by itself after its delay' : 'when the generator stops'], ['Boot', device.status && `${device.status.boot}, ${words(device.status.reset_cause)}`],
    ['Registered', time(device.registered_at)], ['Journal filled', device.status && percent(device.status.journal_fill_permille / 1000)],
]);

/* -- its story -------------------------------------------------------------- */

async function story() {
    const from = Math.max(0, (device.journal?.claimed ?? 0) - RECORDS);
    const { items, more } = await getAll(`${path}/records`, { after: from || undefined }, RECORDS);
    if (items.length === 0) {
        return empty('No records yet', 'Its journal begins when it boots.');
    }
    const list = episodes(items), where = h('div', { class: 'stack' });
    const draw = (n) => {
        const e = list[n];
        put(where, storyChart(e), h('p', { class: 'small' }, 'Widths grow with the logarithm of the time. Circles are records, by their number in the journal.'), recordsTable(e.records));
    };
    const first = Math.max(0, list.findIndex((e) => e.isNotable));
    const choice = field({ name: 'episode', label: 'What happened', kind: 'select', value: String(first), choices: list.map((e, n) => [String(n), e.title]) });
    const redraw = () => where.isConnected && draw(Number(choice.querySelector('select').value));
    choice.addEventListener('change', redraw);
    document.addEventListener('bptm-prefs', redraw); // its times are drawn, too
    draw(first);
    return [(from > 0 || more) && h('p', { class: 'note' }, `The newest ${count(items.length)} records are here.`), choice, where];
}

const recordsTable = (records) => table({ caption: 'Records', rows: records, columns: [
    { label: 'Record', show: (r) => String(r.seq), mono: true },
    { label: 'Time of the device', show: (r) => (r.at ? time(r.at, 'seconds') : tag('no clock', 'warn')) },
    { label: 'What', show: (r) => words(r.kind) },
    { label: 'Details', show: recordText, wide: true },
    { label: 'Home fed by', show: (r) => r.now.feed },
    { label: 'Clock', show: (r) => (r.clock_suspect ? tag('suspect', 'bad') : r.clock) },
    { label: 'Missing before', show: (r) => r.missing || null, number: true },
    { label: 'Received', show: (r) => time(r.received_at) },
] });

/* -- its outages ------------------------------------------------------------ */

async function outages() {
    const { items, more } = await getAll('/v1/outages', { device: serial }, 400);
    return items.length === 0 ? empty('No outage', 'Its utility was never gone.') : [more && h('p', { class: 'note' }, 'The newest 400 are here.'), table({
        caption: 'Outages of this home', rows: items, href: (o) => (o.event_id ? `/outage?id=${o.event_id}` : undefined), columns: [
            { label: 'Outage', show: (o) => (o.event_id ? String(o.event_id) : 'alone') }, { label: 'Went dark', show: (o) => time(o.started_at) }, { label: 'Back', show: (o) => (o.ended_at ? time(o.ended_at) : o.end_basis ? tag('not known when', 'warn') : tag('still dark', 'bad')) },
            { label: 'Lasted', show: (o) => minutesText(o.minutes), number: true }, { label: 'On generator', show: (o) => (o.minutes_on_generator ? minutesText(o.minutes_on_generator) : null), number: true },
            { label: 'Carried', show: (o) => percent(o.share_carried), number: true }, { label: 'Failed', show: (o) => o.failed_transfers || null, number: true }, { label: 'Missing records', show: (o) => o.missing_records || null, number: true },
        ] })];
}

/* -- its journal ------------------------------------------------------------ */

/** The sequence as a strip: receipted, stored, missing. */
function strip(j) {
    const x = (seq) => (100 * seq) / Math.max(1, j.claimed);
    return h('figure', { class: 'strip' }, s('svg', { viewBox: '0 0 100 8', preserveAspectRatio: 'none', role: 'img', 'aria-label': `Of ${j.claimed} records ${j.stored} are stored, ${j.receipted} are receipted, ${j.unaccounted} are not accounted for.` },
        s('rect', { width: 100, height: 8, class: 'stored' }), s('rect', { width: x(j.receipted), height: 8, class: 'receipted' }),
        j.open_gaps.map((g) => s('rect', { x: x(g.from - 1), width: Math.max(0.6, x(g.to) - x(g.from - 1)), height: 8, class: 'missing' }))),
    h('figcaption', { class: 'small' }, h('span', { class: 'key receipted' }, 'receipted'), h('span', { class: 'key stored' }, 'stored'), h('span', { class: 'key missing' }, 'missing')));
}

const none = (text) => h('p', { class: 'none' }, text);
const hash = (text) => h('code', { title: text }, `${text.slice(0, 16)}…`);

async function journal() {
    const [j, d] = await Promise.all([get(`${path}/journal`), get(path)]);
    const all = d.journal;
    return h('div', { class: 'stack' },
        all ? section('Records', strip(all), facts([['Written, as it says', count(all.claimed)], ['Stored', count(all.stored)], ['Receipted through', count(all.receipted)], ['Overwritten', count(all.overwritten)], ['Not accounted for', all.unaccounted ? tag(count(all.unaccounted), 'bad') : '0'], ['Sent twice', count(all.duplicates)], ['Forks', all.forks ? tag(count(all.forks), 'bad') : '0']])) : empty('Nothing came yet', ''),
        section('Gaps', j.gaps.length === 0 ? none('None ever.') : table({ caption: 'Gaps', rows: j.gaps, columns: [
            { label: 'Records', show: (g) => (g.from === g.to ? String(g.from) : `${g.from} to ${g.to}`), mono: true }, { label: 'State', show: (g) => (g.closed_at ? tag(`closed by ${g.closed_by === 'resend' ? 'sending again' : 'being overwritten'}`, 'ok') : tag('open', 'bad')) }, { label: 'Noticed', show: (g) => time(g.detected_at) }, { label: 'Closed', show: (g) => time(g.closed_at) }] })),
        section('Forks', j.forks.length === 0 ? none('None: its chain never contradicted itself.') : table({ caption: 'Forks', rows: j.forks, columns: [
            { label: 'At record', show: (f) => String(f.at_seq), mono: true }, { label: 'Batch', show: (f) => `${f.first} to ${f.last}`, mono: true }, { label: 'We have', show: (f) => hash(f.stored_hash) }, { label: 'It says', show: (f) => hash(f.claimed_hash) }, { label: 'Received', show: (f) => time(f.received_at) }] })),
        section('Receipts', j.receipts.length === 0 ? none('None yet.') : table({ caption: 'Receipts', rows: j.receipts, columns: [
            { label: 'Epoch', show: (r) => String(r.epoch), mono: true }, { label: 'Through record', show: (r) => count(r.through), number: true }, { label: 'Head', show: (r) => hash(r.head_hash) }, { label: 'Issued', show: (r) => time(r.issued_at) }] })),
        section('Boots', j.boots.length === 0 ? none('None yet.') : table({ caption: 'Boots', rows: j.boots, columns: [
            { label: 'Boot', show: (b) => String(b.boot), mono: true }, { label: 'First heard', show: (b) => time(b.part_at) }, { label: 'Clock known from', show: (b) => time(b.anchor_at) }] })),
        section('Keys', table({ caption: 'Keys', rows: device.keys, columns: [
            { label: 'Key', show: (k) => k.kid, mono: true }, { label: 'Public key', show: (k) => hash(k.public_key) }, { label: 'From', show: (k) => time(k.valid_from) }, { label: 'To', show: (k) => time(k.valid_to) }] })));
}

/* -- its commands ----------------------------------------------------------- */

async function commands() {
    const box = h('div', {});
    const read = () => show(box, async () => commandsTable((await getAll(`${path}/commands`, {}, 200)).items), 'Commands');
    read();
    return [section('Tell it something', h('p', { class: 'small' }, 'No command moves a contactor.'), commandForm(path, read)), section('What it was told', box)];
}

page({
    title: `Device ${serial}`,
    roles: ['operator'],
    actions: state,
    render: async () => {
        device = await get(path);
        drawFace();
        setTimeout(again, EVERY);
        return [h('div', { class: 'columns' }, h('section', { class: 'card' }, h('h2', {}, 'What it shows'), face),
            h('div', { class: 'stack' }, laterSection('Where it is', place), section('What it is', what()))),
        tabs('Device', [['story', 'Story', story], ['outages', 'Outages', outages], ['journal', 'Journal', journal], ['commands', 'Commands', commands], ['custody', 'Custody', () => custodyView(serial)]])];
    },
    keys: ['story', 'outages', 'journal', 'commands', 'custody'].map((name, n) => ({ keys: `${n + 1}`, label: `Tab ${n + 1}`, run: () => document.querySelector('.tabbed')?.open(name) })),
});

