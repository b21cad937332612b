// A list whose filters live in the URL: they can be linked, kept, and gone back to.
import { get } from './api.js';
import { add, h, put } from './dom.js';
import { field, valuesOf } from './form.js';
import { empty, problem, show } from './state.js';
import { bodyRow, table } from './table.js';

const inUrl = (names) => {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(names.map((n) => [n, query.get(n) ?? undefined]));
};

function toUrl(values) {
    const query = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== undefined && v !== '' && v !== false));
    history.replaceState(null, '', query.size ? `?${query}` : location.pathname);
}

/** "More" below a table: adds the next page's rows to it. */
function moreButton(path, query, next, node, columns, href) {
    const box = h('div', { class: 'actions more' });
    let cursor = next;
    const button = h('button', { on: { click: async () => {
        button.setAttribute('aria-disabled', 'true');
        try {
            const page = await get(path, { ...query, cursor });
            add(node.querySelector('tbody'), page.items.map((row) => bodyRow(columns, row, href)));
            cursor = page.next;
            button.hidden = !cursor;
        } catch (error) {
            put(box, problem(error));
        } finally {
            button.removeAttribute('aria-disabled');
        }
    } } }, 'More');
    button.hidden = !cursor;
    return add(box, button);
}

/**
 * @param path     of the resource
 * @param filters  fields as form.js takes them; their names are parameters of the resource and of the URL
 * @param fixed    parameters that are always sent
 * @param query    values -> parameters, when they are not the same
 * @param none     [title, text] when nothing is found
 * @return a node that is alive: a changed filter asks again
 */
export function list({ path, caption, columns, href, filters = [], fixed = {}, query = (v) => v, none = ['Nothing here', ''], above }) {
    const names = filters.map((f) => f.name);
    const values = inUrl(names);
    const place = h('div', { class: 'results' });
    const node = h('form', { class: 'filters', role: 'search', 'aria-label': `${caption}: filters`, on: { submit: (e) => e.preventDefault() } },
        filters.map((f) => field({ ...f, value: values[f.name] })));
    const ask = () => show(place, async () => {
        const asked = { ...fixed, ...query(Object.fromEntries(Object.entries(valuesOf(node)).filter(([, v]) => v !== false))) };
        const page = await get(path, { limit: 50, ...asked });
        if (page.items.length === 0) {
            return empty(...none);
        }
        const made = table({ caption, columns, rows: page.items, href });
        return [above?.(page), made, moreButton(path, { limit: 50, ...asked }, page.next, made, columns, href)];
    }, caption);
    let wait;
    node.addEventListener('input', () => {
        clearTimeout(wait);
        wait = setTimeout(() => {
            toUrl(valuesOf(node));
            ask();
        }, 180);
    });
    ask();
    return [filters.length > 0 && node, place];
}
