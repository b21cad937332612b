// What backup power did: what generators carried, how fast, and what failed; by month, circuit, generator and more.
import { get, withQuery } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { figure, literal, totals } from '/lib/figure.js';
import { field, more, valuesOf } from '/lib/form.js';
import { count, number, percent, words } from '/lib/grid-words.js';
import { page } from '/lib/shell.js';
import { empty, show } from '/lib/state.js';
import { minutesText, monthsAround } from '/lib/time.js';

const groups = { month: 'Month', circuit: 'Circuit', area: 'Area', programme: 'Programme', generator: 'Generator', model: 'Model of device', firmware: 'Firmware' };
const keys = { month: 'month', circuit: 'circuit_id', area: 'area', programme: 'programme', generator: 'generator', model: 'model', firmware: 'firmware' };
const share = (v) => percent(v);
const seconds = (v) => (v === null || v === undefined ? null : `${number(v / 1000, 1)} s`);
const whole = (v) => number(v, 0);

/** How the axis has them. */
const ticks = new Map([[share, (n) => percent(n, 0)], [seconds, (n) => `${+(n / 1000).toFixed(2)} s`]]);

/** What can be drawn: words and how a value is read. */
const measures = {
    share: ['Share of outage minutes carried', share], carried_minutes: ['Minutes carried', whole], outage_minutes: ['Minutes without utility', whole], carried: ['Outages carried', whole], covered: ['Outages carried nearly whole', whole],
    transfer_p50_ms: ['Loss to generator, median', seconds], over_setting_p50_ms: ['Return later than its setting, median', seconds], failed: ['Failed transfers', whole], left_running: ['Generators left running', whole], unused_in_outage: ['Homes dark without a transfer', whole],
};

const usual = { ...monthsAround(6), by: 'month', measure: 'share' };
const names = [...Object.keys(usual), 'circuit_id', 'area', 'generator', 'model', 'firmware'];
const inUrl = Object.fromEntries([...new URLSearchParams(location.search)].filter(([n]) => names.includes(n)));
const place = h('div', { class: 'stack' });

const query = (v, by) => ({ from: v.from, to: v.to, by, circuit_id: v.circuit_id, area: v.area, generator: v.generator, model: v.model, firmware: v.firmware });

/* -- what is shown ---------------------------------------------------------- */

function tiles(t) {
    if (!t) {
        return null;
    }
    if (t.devices === null) {
        return empty('Too few homes', 'Of a group of few homes nothing is told to analysts.');
    }
    const causes = Object.entries(t.failed_by_cause ?? {}).map(([cause, n]) => `${n} ${words(cause)}`).join(', ');
    return totals([
        ['Carried of outage minutes', percent(t.share), minutesText(t.carried_minutes), ' of ', minutesText(t.outage_minutes)], ['Outages of homes', count(t.outages), `${count(t.carried)} carried, ${count(t.covered)} nearly whole`],
        ['Homes', count(t.devices), `${count(t.used)} used their generator, ${count(t.unused_in_outage)} were dark without`], ['Loss to generator', seconds(t.transfer_p50_ms), 'median; 9 of 10 within ', seconds(t.transfer_p90_ms) ?? '–'],
        ['Return', seconds(t.return_p50_ms), `median; ${count(t.late_returns)} later than set`], ['Failed transfers', count(t.failed), causes || 'none'],
        ['Left running', count(t.left_running), minutesText(t.left_running_minutes)], ['Overloads', count(t.overloads), `${count(t.lockouts)} locked out`], ['Backfeeds', count(t.backfeeds)], ['Dark again while returning', count(t.re_outages)],
        t.medical !== null && ['Medical Baseline in a shutoff', count(t.medical), `${count(t.medical_carried)} carried, ${count(t.medical_covered)} nearly whole`],
    ]);
}

const column = (key, label, text) => ({ label, csv: key, number: true, raw: (r) => r[key], show: (r) => text(r[key]) });

const columnsOf = (by) => [
    { label: groups[by], csv: keys[by], raw: (r) => r[keys[by]], show: (r) => r[keys[by]] || 'not known', mono: ['month', 'circuit', 'firmware'].includes(by) },
    column('devices', 'Homes', count), column('used', 'Used', count), column('unused_in_outage', 'Dark without', count), column('outages', 'Outages', count), column('outage_minutes', 'Minutes', whole),
    column('carried', 'Carried', count), column('covered', 'Nearly whole', count), column('carried_minutes', 'Minutes carried', whole), column('share', 'Share', share),
    column('transfer_p50_ms', 'To generator', seconds), column('transfer_p90_ms', '9 of 10', seconds), column('return_p50_ms', 'Return', seconds), column('late_returns', 'Late', count),
    column('failed', 'Failed', count), column('left_running', 'Left running', count), column('overloads', 'Overloads', count), column('backfeeds', 'Backfeeds', count), column('re_outages', 'Dark again', count),
];

/** The statement over the views of analysts that gives the same, for the groups that they know. */
function sqlOf(v) {
    const isMonths = /-01$/.test(v.from) && /-01$/.test(v.to);
    const sums = `sum(outages) as outages, sum(carried) as carried, sum(covered) as covered,\n       sum(outage_minutes) as outage_minutes, sum(carried_minutes) as carried_minutes,\n       sum(failed_transfers) as failed, sum(left_running) as left_running`;
    if (['month', 'circuit'].includes(v.by) && isMonths && !v.area && !v.generator && !v.model && !v.firmware) {
        const by = v.by === 'month' ? "to_char(month, 'YYYY-MM') as month" : 'circuit_id';
        return `-- no row where nothing happened\nselect ${by}, ${sums}\nfrom analytics.backup_benefit\nwhere month >= ${literal(v.from)} and month < ${literal(v.to)}${v.circuit_id ? ` and circuit_id = ${literal(v.circuit_id)}` : ''}\ngroup by 1 order by 1`;
    }
    return ['generator', 'model', 'firmware'].includes(v.by) ? { none: `analytics.backup_benefit_model has these groups over all time: select ${v.by}, sum(outages), sum(carried), sum(failed_transfers) from analytics.backup_benefit_model group by 1. A period is given by REST.` }
        : { none: 'The view analytics.backup_benefit knows whole months and circuits; the others are given by REST.' };
}

async function draw(v) {
    const [all, grouped] = await Promise.all([get('/v1/backup-benefit', query(v)), get('/v1/backup-benefit', query(v, v.by))]);
    const [label, text] = measures[v.measure], rows = grouped.items;
    return [tiles(all.items[0]), figure({
        title: `${label} by ${groups[v.by].toLowerCase()}`, file: `backup-power-${v.from}-${v.to}`, rows, columns: columnsOf(v.by),
        drawn: { name: `${label} by ${groups[v.by].toLowerCase()}, ${v.from} to ${v.to}.`, labels: rows.map((r) => r[keys[v.by]] || 'not known'), isTime: v.by === 'month', text, tick: ticks.get(text), series: [{ name: label, values: rows.map((r) => r[v.measure]) }] },
        sql: sqlOf(v), rest: [['/v1/backup-benefit', query(v, v.by)]],
    })];
}

/* -- all of it -------------------------------------------------------------- */

page({
    title: 'Backup power',
    roles: ['analyst', 'operator'],
    render: () => {
        const start = { ...usual, ...inUrl };
        const node = h('form', { class: 'filters', 'aria-label': 'What is counted', on: { submit: (e) => e.preventDefault() } },
            field({ name: 'from', label: 'From', kind: 'date', value: start.from }), field({ name: 'to', label: 'Until before', kind: 'date', value: start.to }),
            field({ name: 'by', label: 'By', kind: 'select', value: start.by, choices: Object.entries(groups) }), field({ name: 'measure', label: 'Drawn', kind: 'select', value: start.measure, choices: Object.entries(measures).map(([code, [label]]) => [code, label]) }),
            more(['circuit_id', 'area', 'generator', 'model', 'firmware'].map((name) => field({ name, label: { circuit_id: 'Circuit', area: 'Area', generator: 'Generator', model: 'Model', firmware: 'Firmware' }[name], value: start[name], maxlength: 120 }))));
        const again = () => {
            const v = { ...usual, ...Object.fromEntries(Object.entries(valuesOf(node)).filter(([, x]) => x !== undefined)) };
            history.replaceState(null, '', withQuery(location.pathname, Object.fromEntries(Object.entries(v).filter(([name, value]) => value !== usual[name]))));
            show(place, () => draw(v), 'Backup power');
        };
        node.addEventListener('change', again);
        again();
        return [node, place];
    },
});
