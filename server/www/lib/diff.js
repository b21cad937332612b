// Differences, readable: what it was, what it is, member by member.
import { h } from './dom.js';

const words = (name) => name.replaceAll('_', ' ');

/** A JSON value as a person reads it. */
export function valueText(value) {
    if (value === null || value === undefined || value === '') {
        return '–';
    }
    if (typeof value === 'boolean') {
        return value ? 'yes' : 'no';
    }
    return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value);
}

const isPlain = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);

/** [path, before, after, changed] of two JSON objects; objects inside become "holder name". */
export function differences(before, after, prefix = '') {
    const b = isPlain(before) ? before : {}, a = isPlain(after) ? after : {};
    return [...new Set([...Object.keys(b), ...Object.keys(a)])].flatMap((name) => {
        const path = prefix + words(name);
        if ((isPlain(b[name]) || isPlain(a[name])) && prefix.split(' / ').length < 4) {
            return differences(b[name], a[name], `${path} / `);
        }
        return [[path, b[name], a[name], JSON.stringify(b[name] ?? null) !== JSON.stringify(a[name] ?? null)]];
    });
}

/** One pair: the old one struck out, the new one marked; both named for those who do not see it. */
export const pair = (before, after) => [
    h('td', { class: 'was' }, before === null || before === undefined ? h('span', { class: 'none' }, '–') : h('del', {}, valueText(before))),
    h('td', { class: 'is' }, after === null || after === undefined ? h('span', { class: 'none' }, '–') : h('ins', {}, valueText(after))),
];

/** The difference of two objects as a table; `all` also shows what stayed. */
export function difference(before, after, { caption = 'Difference', all = false } = {}) {
    const rows = differences(before, after).filter(([, , , changed]) => all || changed);
    if (rows.length === 0) {
        return h('p', { class: 'none' }, 'Nothing changed.');
    }
    return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, h('table', { class: 'difference' },
        h('caption', { class: 'hidden' }, caption),
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'What'), h('th', { scope: 'col' }, 'Before'), h('th', { scope: 'col' }, 'After'))),
        h('tbody', {}, rows.map(([path, b, a, changed]) => h('tr', { class: changed ? undefined : 'same' },
            h('th', { scope: 'row' }, path), changed ? pair(b, a) : [h('td', {}, valueText(b)), h('td', {}, valueText(a))])))));
}
