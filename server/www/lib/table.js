// Tables: they scroll inside their box, numbers stand under each other, rows can be walked with j and k.
import { h } from './dom.js';

const isNone = (v) => v === null || v === undefined || v === '';

function cell(column, row, href, isFirst, pick) {
    const made = column.show ? column.show(row) : row[column.key];
    const inner = isNone(made) ? h('span', { class: 'none' }, '–') : made;
    const cls = [column.number && 'number', column.wide && 'wide', column.mono && 'mono'].filter(Boolean).join(' ') || undefined;
    if (isFirst) {
        return h('th', { scope: 'row', class: cls }, href ? h('a', { href, 'data-row': true }, inner)
            : pick ? h('button', { type: 'button', class: 'plain', 'data-row': true }, inner) : inner);
    }
    return h('td', { class: cls }, inner);
}

export function bodyRow(columns, row, hrefOf, pick) {
    const href = hrefOf?.(row);
    const node = h('tr', { class: href || pick ? 'opens' : undefined }, columns.map((column, n) => cell(column, row, href, n === 0, pick)));
    for (const event of pick ? ['click', 'focusin'] : []) {
        node.addEventListener(event, () => pick(row, node));
    }
    return node;
}

/**
 * A table.
 * @param caption  what it is, for everybody who cannot see it at a glance
 * @param columns  { key or show(row), label, number, wide, mono }; the first one names the row
 * @param rows     objects
 * @param href     row -> where it leads; a click anywhere in the row goes there too
 * @param pick     (row, tr) when a row is clicked or gets the focus; then only its link leads away
 */
export function table({ caption, columns, rows, href, pick, captionShown = false }) {
    const body = h('tbody', {}, rows.map((row) => bodyRow(columns, row, href, pick)));
    body.addEventListener('click', (event) => {
        const to = !pick && event.target.closest('tr')?.querySelector('[data-row]');
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

/** A table of rows that are all here: so many at once, the others by "More". */
export function longTable(about, step = 100) {
    const made = table({ ...about, rows: about.rows.slice(0, step) });
    if (about.rows.length <= step) {
        return made;
    }
    let shown = step;
    const said = h('span', { class: 'small' });
    const button = h('button', { type: 'button', on: { click: () => more() } }, 'More');
    const tell = () => {
        said.textContent = `${Math.min(shown, about.rows.length).toLocaleString('en-US')} of ${about.rows.length.toLocaleString('en-US')} rows`;
        button.hidden = shown >= about.rows.length;
    };
    const more = () => {
        made.querySelector('tbody').append(...about.rows.slice(shown, shown + step).map((row) => bodyRow(about.columns, row, about.href, about.pick)));
        shown += step;
        tell();
    };
    tell();
    return h('div', { class: 'stack' }, made, h('div', { class: 'actions more' }, button, said));
}

/** Names and values of one thing: [['Meter', '123'], ...]; what is not there shows as a dash. */
export const facts = (pairs) => h('dl', { class: 'facts' },
    pairs.filter(Boolean).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, isNone(value) ? h('span', { class: 'none' }, '–') : value))));
