// Tables: they scroll inside their box, numbers stand under each other, rows can be walked with j and k.
import { h } from './dom.js';

const isNone = (v) => v === null || v === undefined || v === '';

function cell(column, row, href, isFirst) {
    const made = column.show ? column.show(row) : row[column.key];
    const inner = isNone(made) ? h('span', { class: 'none' }, '–') : made;
    const cls = [column.number && 'number', column.wide && 'wide', column.mono && 'mono'].filter(Boolean).join(' ') || undefined;
    if (isFirst) {
        return h('th', { scope: 'row', class: cls }, href ? h('a', { href, 'data-row': true }, inner) : inner);
    }
    return h('td', { class: cls }, inner);
}

export function bodyRow(columns, row, hrefOf) {
    const href = hrefOf?.(row);
    return h('tr', { class: href ? 'opens' : undefined }, columns.map((column, n) => cell(column, row, href, n === 0)));
}

/**
 * A table.
 * @param caption  what it is, for everybody who cannot see it at a glance
 * @param columns  { key or show(row), label, number, wide, mono }; the first one names the row
 * @param rows     objects
 * @param href     row -> where it leads; a click anywhere in the row goes there too
 */
export function table({ caption, columns, rows, href, captionShown = false }) {
    const body = h('tbody', {}, rows.map((row) => bodyRow(columns, row, href)));
    body.addEventListener('click', (event) => {
        const to = event.target.closest('tr')?.querySelector('[data-row]');
        if (to && !event.target.closest('a, button, input, select, label') && !String(getSelection())) {
            to.click();
        }
    });
    return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
        h('table', {},
            h('caption', { class: captionShown ? undefined : 'hidden' }, caption),
            h('thead', {}, h('tr', {}, columns.map((c) => h('th', { scope: 'col', class: c.number ? 'number' : undefined }, c.label)))),
            body));
}

/** Names and values of one thing: [['Meter', '123'], ...]; what is not there shows as a dash. */
export const facts = (pairs) => h('dl', { class: 'facts' },
    pairs.filter(Boolean).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, isNone(value) ? h('span', { class: 'none' }, '–') : value))));
