// A figure of analysts: chart, equal table, CSV, the SQL that gives the same, and the address of the numbers.
import { withQuery } from './api.js';
import { chart } from './chart.js';
import { csvButton } from './csv.js';
import { h } from './dom.js';
import { section } from './shell.js';
import { empty, told } from './state.js';
import { longTable } from './table.js';

/** Text to copy. */
function copyable(text) {
    return h('div', { class: 'copyable' }, h('pre', { tabindex: '0', role: 'region', 'aria-label': 'SQL' }, h('code', {}, text)),
        h('button', { type: 'button', on: { click: async () => {
            await navigator.clipboard.writeText(text);
            told('Copied.');
        } } }, 'Copy'));
}

/** A value as a literal of SQL. */
export const literal = (value) => `'${String(value).replaceAll("'", "''")}'`;

/**
 * @param title    of the section
 * @param drawn    what chart() takes
 * @param columns  of table() with `csv` and `raw(row)`
 * @param file     name of the CSV
 * @param sql      a statement, or { none: why there is none }
 * @param rest     [path, query] of the numbers
 */
export function figure({ title, drawn, columns, rows, file, sql, rest }) {
    if (rows.length === 0) {
        return section(title, empty('Nothing in this period', 'Choose other days, or take a filter away.'));
    }
    return h('section', { class: 'card', 'data-figure': file }, h('div', { class: 'row spread' }, h('h2', {}, title), csvButton(file, columns, rows)),
        chart(drawn), longTable({ caption: title, columns, rows }),
        h('details', { class: 'sql' }, h('summary', {}, 'SQL'), sql.none ? h('p', {}, sql.none) : [h('p', { class: 'small' }, 'As role bptm_analyst; groups of few homes are not counted there.'), copyable(sql)]),
        h('details', {}, h('summary', {}, 'REST'), rest.map(([path, query]) => h('p', {}, h('code', { class: 'written' }, `GET ${withQuery(path, query)}`)))));
}

/** Tiles of totals: [label, value, note]. */
export const totals = (list) => h('dl', { class: 'totals' }, list.filter(Boolean).map(([label, value, ...note]) =>
    h('div', {}, h('dt', {}, label), h('dd', {}, value === null || value === undefined ? h('span', { class: 'none' }, '–') : value), h('dd', { class: 'small' }, note))));
