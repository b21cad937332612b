// Reliability (IEEE 1366) by month, area, circuit and cause, with and without major event days.
import { get, getAll, withQuery } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { figure, literal, totals } from '/lib/figure.js';
import { field, more, valuesOf } from '/lib/form.js';
import { count, number, percent } from '/lib/grid-words.js';
import { page, section } from '/lib/shell.js';
import { empty, show } from '/lib/state.js';
import { facts, table } from '/lib/table.js';
import { monthsAround } from '/lib/time.js';

const measures = { saidi: ['SAIDI, minutes', 2], saifi: ['SAIFI, interruptions', 3], caidi: ['CAIDI, minutes', 2], maifi_e: ['MAIFI-E, momentary events', 3], customer_minutes: ['Customer minutes', 0] };
const groups = { month: 'Month', circuit: 'Circuit', area: 'Area', cause: 'Cause', 'month,circuit': 'Month and circuit' };
const groupColumns = { month: { label: 'Month', csv: 'month', raw: (r) => r.month }, circuit: { label: 'Circuit', csv: 'circuit_id', raw: (r) => r.circuit_id }, area: { label: 'Area', csv: 'area', raw: (r) => r.area }, cause: { label: 'Cause', csv: 'cause', raw: (r) => r.cause } };

/* -- what is asked for ------------------------------------------------------ */

const usual = { source: 'meters', ...monthsAround(6), by: 'month', measure: 'saidi' };
const names = [...Object.keys(usual), 'n', 'hours', 'area', 'circuit_id', 'basis_from', 'basis_to'];
const inUrl = Object.fromEntries([...new URLSearchParams(location.search)].filter(([n]) => names.includes(n)));
const place = h('div', { class: 'stack' });

const common = (v) => ({ source: v.source, from: v.from, to: v.to, area: v.area, circuit_id: v.circuit_id });
const basis = (v) => ({ basis_from: v.basis_from, basis_to: v.basis_to });

async function ask(v) {
    const days = (more, name = '/v1/indices') => Promise.all(['with', 'without'].map((major) => get(name, { ...common(v), ...more, ...basis(v), major_event_days: major })));
    const [[all, allWithout], [grouped, groupedWithout], [people, peopleWithout], major] = await Promise.all([
        days({}), days({ by: v.by }), days({ n: v.n, hours: v.hours }, '/v1/customer-indices'), get('/v1/major-event-days', { source: v.source, from: v.from, to: v.to, ...basis(v) })]);
    return { all: all.items[0], allWithout: allWithout.items[0], rows: joined(grouped.items, groupedWithout.items), people, peopleWithout, major, note: all.note };
}

const keyOf = (r) => JSON.stringify([r.month, r.area, r.circuit_id, r.cause]);

/** Groups with what they are without major event days beside it. */
function joined(items, without) {
    const other = new Map(without.map((r) => [keyOf(r), r]));
    return items.map((r) => ({ ...r, without: other.get(keyOf(r)) ?? {} }));
}

/* -- what is shown ---------------------------------------------------------- */

const pair = (a, b, text, isKnown) => [text(a), isKnown && ['without major event days ', text(b) ?? '–']];

function tiles({ all, allWithout, people, peopleWithout, major: m }) {
    const isKnown = m.t_med !== null; // without a threshold both are the same
    const of = (key, digits) => pair(all[key], allWithout[key], (v) => number(v, digits), isKnown);
    return totals([
        ['SAIDI, minutes', ...of('saidi', 2)], ['SAIFI', ...of('saifi', 3)], ['CAIDI, minutes', ...of('caidi', 2)], ['MAIFI-E', ...of('maifi_e', 3)],
        ['ASAI', ...pair(all.asai, allWithout.asai, (v) => percent(v, 4), isKnown)], [`CEMI-${people.n}${people.above ? '+' : ''}`, ...pair(people.cemi_n, peopleWithout.cemi_n, (v) => percent(v), isKnown)],
        [`CELID-${people.hours} h`, ...pair(people.celid_s, peopleWithout.celid_s, (v) => percent(v), isKnown)], ['Customers, mean', number(all.customers_served, 1), `${count(all.customer_interruptions)} interruptions of them`],
    ]);
}

const measured = (key, label, digits, of = (r) => r, name = key) => ({ label, csv: name, number: true, raw: (r) => of(r)[key], show: (r) => number(of(r)[key], digits) });

function columnsOf(by, hasMajor) {
    return [
        ...by.split(',').map((g) => ({ ...groupColumns[g], show: (r) => groupColumns[g].raw(r) || 'not known', mono: g !== 'area' && g !== 'cause' })),
        measured('customers_served', 'Customers', 1), measured('customer_interruptions', 'Interruptions', 0), measured('customer_minutes', 'Minutes', 0), measured('momentary_events', 'Momentary', 0),
        measured('saidi', 'SAIDI', 2), measured('saifi', 'SAIFI', 3), measured('caidi', 'CAIDI', 2), measured('maifi_e', 'MAIFI-E', 3),
        ...(hasMajor ? [measured('saidi', 'SAIDI, no MED', 2, (r) => r.without, 'saidi_without_major_event_days'), measured('saifi', 'SAIFI, no MED', 3, (r) => r.without, 'saifi_without_major_event_days')] : []),
        measured('unended', 'No known end', 0),
    ];
}

const label = (by) => (r) => by.split(',').map((g) => groupColumns[g].raw(r) || 'not known').join(' ');

/** The statement over analytics.index_month that gives the same, for the groups that it knows. */
function sqlOf(v) {
    const isMonths = /-01$/.test(v.from) && /-01$/.test(v.to);
    if (!['month', 'circuit', 'month,circuit'].includes(v.by) || v.area || !isMonths) {
        return { none: 'The view analytics.index_month knows months and circuits, all days counted. Areas, causes, parts of months and days without major events are given by REST.' };
    }
    const days = "extract(day from month + interval '1 month' - interval '1 day')";
    const served = v.by === 'circuit' ? `sum(customers_served * ${days}) / (date ${literal(v.to)} - date ${literal(v.from)})` : 'sum(customers_served)';
    const by = { month: "to_char(month, 'YYYY-MM') as month", circuit: 'circuit_id', 'month,circuit': "to_char(month, 'YYYY-MM') as month, circuit_id" }[v.by];
    return [`select ${by}, sum(customer_interruptions) as customer_interruptions, sum(momentary_events) as momentary_events,`,
        `       round((sum(customer_minutes) / nullif(${served}, 0))::numeric, 6) as saidi,`,
        `       round((sum(customer_interruptions) / nullif(${served}, 0))::numeric, 6) as saifi`,
        'from analytics.index_month',
        `where source = ${literal(v.source)} and month >= ${literal(v.from)} and month < ${literal(v.to)}${v.circuit_id ? ` and circuit_id = ${literal(v.circuit_id)}` : ''}`,
        `group by ${v.by === 'month,circuit' ? '1, 2 order by 1, 2' : '1 order by 1'}`].join('\n');
}

function major({ major: m, all }) {
    return section('Major event days', facts([
        ['T_MED, minutes', m.t_med === null ? (m.days === null ? 'not told' : 'none: the basis has too few days') : number(m.t_med, 3)], ['Basis', `${m.basis.from} to ${m.basis.to}`], ['Days with minutes in it', count(m.basis.days)], ['alpha', number(m.alpha, 4)], ['beta', number(m.beta, 4)], ['Days of the period', count(all.days)],
    ]), m.days === null ? h('p', { class: 'none' }, 'So few homes were served in the basis that nothing is told of it.') : m.days.length === 0 ? h('p', { class: 'none' }, m.t_med === null ? 'Choose a basis under More.' : 'No day of the period is above T_MED.') : table({ caption: 'Major event days', rows: m.days, columns: [{ label: 'Day', key: 'day' }, { label: 'SAIDI of the day, minutes', show: (d) => number(d.saidi, 3), number: true }] }));
}

function draw(v, found) {
    if (!found.all || (found.all.customers_served === 0 && found.all.interruptions === 0)) {
        return empty('Nobody was served in this period', 'The source has no customers on these days here: choose other days, or take a filter away.');
    }
    if (found.all.customers_served === null) {
        return empty('Too few homes', 'So few homes were served on these days here that nothing is told of them: choose other days, or take a filter away.');
    }
    const [words, digits] = measures[v.measure];
    const of = (r) => r[v.measure], hasMajor = found.major.t_med !== null;
    return [
        h('p', { class: 'note' }, found.note), tiles(found),
        figure({
            title: `${words} by ${groups[v.by].toLowerCase()}`, file: `reliability-${v.from}-${v.to}`, rows: found.rows, columns: columnsOf(v.by, hasMajor),
            drawn: { name: `${words} by ${groups[v.by].toLowerCase()}, ${v.from} to ${v.to}.`, labels: found.rows.map(label(v.by)), isTime: v.by === 'month', text: (n) => number(n, Math.min(digits, 2)),
                series: [{ name: 'All days', values: found.rows.map(of) }, ...(hasMajor ? [{ name: 'Without major event days', values: found.rows.map((r) => of(r.without)) }] : [])] },
            sql: sqlOf(v), rest: ['with', 'without'].map((days) => ['/v1/indices', { ...common(v), by: v.by, ...basis(v), major_event_days: days }]),
        }),
        major(found),
    ];
}

/* -- all of it -------------------------------------------------------------- */

page({
    title: 'Reliability',
    roles: ['analyst', 'operator'],
    render: async () => {
        const { items: sources } = await getAll('/v1/outage-sources', {}, 200);
        if (sources.length === 0) {
            return empty('No source of interruptions', 'Neither meters nor a feed are known.');
        }
        const start = { ...usual, ...inUrl };
        const select = (name, words, choices) => field({ name, label: words, kind: 'select', value: start[name], choices });
        const node = h('form', { class: 'filters', 'aria-label': 'What is counted', on: { submit: (e) => e.preventDefault() } },
            select('source', 'Source', sources.map((s) => [s.code, s.name])), field({ name: 'from', label: 'From', kind: 'date', value: start.from }), field({ name: 'to', label: 'Until before', kind: 'date', value: start.to }),
            select('by', 'By', Object.entries(groups)), select('measure', 'Drawn', Object.entries(measures).map(([code, [words]]) => [code, words])),
            more(field({ name: 'circuit_id', label: 'Circuit', value: start.circuit_id, maxlength: 32 }), field({ name: 'area', label: 'Area', value: start.area, maxlength: 100 }),
                field({ name: 'n', label: 'CEMI: n', kind: 'number', min: 1, max: 1000, placeholder: '4', value: start.n }), field({ name: 'hours', label: 'CELID: hours', kind: 'number', min: 1, max: 1000, placeholder: '8', value: start.hours }),
            field({ name: 'basis_from', label: 'Basis of T_MED from', kind: 'date', value: start.basis_from }), field({ name: 'basis_to', label: 'Basis until before', kind: 'date', value: start.basis_to })));
        const again = () => {
            const v = { ...usual, ...Object.fromEntries(Object.entries(valuesOf(node)).filter(([, x]) => x !== undefined)) };
            const other = Object.fromEntries(Object.entries(v).filter(([name, value]) => value !== usual[name]));
            history.replaceState(null, '', withQuery(location.pathname, other));
            show(place, async () => draw(v, await ask(v)), 'Reliability');
        };
        node.addEventListener('change', again);
        again();
        return [node, place];
    },
});

