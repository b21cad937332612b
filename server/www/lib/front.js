// What waits for operators and analysts on the front page: alarms, homes still dark, open outages, the loss ledger, health.
import { call, get } from './api.js';
import { h, link, tag } from './dom.js';
import { alarmStateTag, alarmText, count, severityTag, whatCell } from './grid-words.js';
import { may } from './session.js';
import { laterSection } from './shell.js';
import { empty } from './state.js';
import { totals } from './figure.js';
import { table } from './table.js';
import { time } from './time.js';
import { own } from './words.js';

const SHOWN = 6;
const weight = { critical: 0, major: 1, minor: 2 };

const further = (page, href, words) => (page.next || page.items.length > SHOWN) && h('p', {}, link(href, words));

async function alarms() {
    const [raised, seen] = await Promise.all([get('/v1/alarms', { state: 'raised', limit: 50 }), get('/v1/alarms', { state: 'acknowledged', limit: 50 })]);
    const rows = [...raised.items, ...seen.items].sort((a, b) => weight[a.severity] - weight[b.severity] || a.since.localeCompare(b.since));
    return rows.length === 0 ? empty('No open alarm', 'Nothing asks for a person now.') : [table({ caption: 'Open alarms', rows: rows.slice(0, SHOWN), href: (a) => `/alarm?id=${a.id}`, columns: [
        { label: 'Alarm', show: (a) => alarmText(a.kind) }, { label: 'Severity', show: (a) => severityTag(a.severity) }, { label: 'State', show: (a) => alarmStateTag(a.state) },
        { label: 'Device', key: 'device', mono: true }, { label: 'For', show: (a) => time(a.since, 'age') },
    ] }), further({ items: rows, next: raised.next ?? seen.next }, '/alarms', 'All alarms')];
}

async function stillDark() {
    const page = await get('/v1/still-dark', { limit: 50 });
    return page.items.length === 0 ? empty('Nobody is dark alone', 'No home is dark while most around it are back.') : [table({ caption: 'Homes still dark', rows: page.items.slice(0, SHOWN), href: (d) => `/outage?id=${d.parent_id}`, columns: [
        { label: 'Home', show: (d) => own(`${d.address}, ${d.city}`), wide: true }, { label: 'Dark for', show: (d) => time(d.since, 'age') }, { label: 'On generator', show: (d) => (d.on_generator ? tag('yes', 'ok') : tag('no', 'warn')) },
        { label: 'Device', show: (d) => link(`/device?serial=${encodeURIComponent(d.device)}`, d.device), mono: true }, { label: 'Circuit', key: 'circuit_id', mono: true },
    ] }), page.items.length > SHOWN && h('p', { class: 'small' }, `${page.next ? 'More than ' : ''}${count(page.items.length)} homes in all; the longest are shown.`)];
}

async function openOutages() {
    const page = await get('/v1/outage-events', { state: 'open', kind: 'outage', limit: 50 });
    return page.items.length === 0 ? empty('No open outage', 'Every circuit has its utility, as far as the devices say.') : [table({ caption: 'Open outages', rows: page.items.slice(0, SHOWN), href: (e) => `/outage?id=${e.id}`, columns: [
        { label: 'Outage', show: (e) => String(e.id), mono: true }, { label: 'What', show: whatCell }, { label: 'Since', show: (e) => time(e.started_at) }, { label: 'Homes', show: (e) => count(e.customers), number: true }, { label: 'Still dark', show: (e) => count(e.dark), number: true },
    ] }), further(page, '/outages?state=open', 'All open outages')];
}

async function ledger(session) {
    const l = await get('/v1/loss-ledger');
    const isWhole = l.unaccounted === 0;
    return h('div', { class: 'stack' }, h('p', { class: 'ledger-sum' }, isWhole ? tag('every record is accounted for', 'ok') : tag(`${count(l.unaccounted)} of ${count(l.claimed)} records are not accounted for`, 'bad'), ' ', h('span', { class: 'small' }, 'as of ', time(l.as_of))),
        totals([['Written, as devices say', count(l.claimed), `${count(l.devices)} journals`], ['Stored', count(l.stored)], ['Receipted', count(l.receipted)], ['Overwritten', count(l.overwritten), 'said by the devices'], ['Not accounted for', count(l.unaccounted)], ['Open gaps', count(l.open_gaps), 'asked for again'], ['Quarantine', count(l.quarantined), 'messages not believed']]),
        !isWhole && table({ caption: 'Devices with records not accounted for', rows: l.open.slice(0, SHOWN), href: (d) => (may(session, ['operator']) ? `/device?serial=${encodeURIComponent(d.serial)}&tab=journal` : undefined), columns: [
            { label: 'Device', key: 'serial', mono: true }, { label: 'Written', show: (d) => count(d.claimed), number: true }, { label: 'Stored', show: (d) => count(d.stored), number: true }, { label: 'Receipted', show: (d) => count(d.receipted), number: true }, { label: 'Not accounted for', show: (d) => count(d.unaccounted), number: true },
        ] }));
}

const causes = { dark: 'the utility is gone there', area: 'most of its circuit are silent', unit: 'only this one' };

async function silent() {
    const page = await get('/v1/silent-devices', { limit: 50 });
    const rows = page.items.sort((a, b) => Number(b.cause === 'unit') - Number(a.cause === 'unit') || a.heard_at.localeCompare(b.heard_at));
    return rows.length === 0 ? h('p', { class: 'none' }, 'None: every device at a home was heard from lately.') : [table({ caption: 'Silent devices', rows: rows.slice(0, SHOWN), href: (d) => `/device?serial=${encodeURIComponent(d.device)}`, columns: [
        { label: 'Device', key: 'device', mono: true }, { label: 'Why', show: (d) => tag(causes[d.cause] ?? d.cause, d.cause === 'unit' ? 'warn' : 'plain') }, { label: 'Circuit', key: 'circuit_id', mono: true }, { label: 'For', show: (d) => time(d.heard_at, 'age') },
    ] }), rows.length > SHOWN && h('p', { class: 'small' }, `${page.next ? 'More than ' : ''}${count(rows.length)} in all.`)];
}

/** What the server says of itself; an unready one answers too. */
async function health() {
    const answer = await call('GET', '/readyz', { stay: true }).then((a) => a.body, (error) => {
        if (!error.problem.parts) {
            throw error;
        }
        return error.problem;
    });
    return h('ul', { class: 'health' }, Object.entries(answer.parts).map(([part, { ok, reason }]) => h('li', {}, h('b', {}, { mqtt: 'Messages', job: 'Jobs', database: 'Database' }[part] ?? part), ok ? tag('works', 'ok') : tag(reason ?? 'does not work', 'bad'))));
}

/** Sections of the front page for those who watch the grid. */
export function front(session) {
    const isOperator = may(session, ['operator']);
    return may(session, ['analyst', 'operator']) && [
        isOperator && h('div', { class: 'pair' }, laterSection('Open alarms', alarms), laterSection('Still dark', stillDark)),
        laterSection('Open outages', openOutages), laterSection('Loss ledger', () => ledger(session)), isOperator && h('div', { class: 'pair' }, laterSection('Silent devices', silent), laterSection('Health', health)),
    ];
}
