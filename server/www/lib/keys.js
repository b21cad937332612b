// Shortcuts of a page: one letter, or two in a row ("g q"). They can be turned off (WCAG 2.1.4) and never act
// while somebody types.
import { h, put } from './dom.js';
import { pref, setPref } from './prefs.js';

const shortcuts = new Map(); // "j" -> { keys, label, run }
let begun = '';

const types = (target) => target.closest?.('input, textarea, select, [contenteditable], dialog');

/** Add shortcuts: { keys: 'g q', label: 'Go to the queue', run }. */
export function addKeys(...list) {
    for (const one of list) {
        shortcuts.set(one.keys, one);
    }
}

function onKey(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || types(event.target)) {
        return;
    }
    if (event.key !== '?' && pref('keys') === 'off') {
        return;
    }
    const keys = begun ? `${begun} ${event.key}` : event.key;
    begun = '';
    const found = shortcuts.get(keys);
    if (found?.run) {
        event.preventDefault();
        found.run();
    } else if ([...shortcuts.keys()].some((k) => k.startsWith(`${keys} `))) {
        begun = keys;
    }
}

/** The rows that j and k walk through: links that carry data-row, in the order of the page. */
const rows = () => [...document.querySelectorAll('main [data-row]')].filter((r) => r.offsetParent !== null);

function step(by) {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    to?.focus();
    to?.scrollIntoView({ block: 'nearest' });
}

function help() {
    const dialog = h('dialog', { class: 'help', 'aria-labelledby': 'help-title' });
    const on = h('input', { type: 'checkbox', checked: pref('keys') === 'on', on: { change: () => setPref('keys', on.checked ? 'on' : 'off') } });
    const rowsOf = [...shortcuts.values()].map(({ keys, label }) =>
        h('tr', {}, h('th', { scope: 'row' }, keys.split(' ').map((k, n) => [n > 0 && ' then ', h('kbd', {}, k)])), h('td', {}, label)));
    put(dialog,
        h('h2', { id: 'help-title' }, 'Keyboard'),
        h('table', { class: 'keys' }, h('tbody', {}, rowsOf)),
        h('label', { class: 'check' }, on, 'Single-key shortcuts are on'),
        h('div', { class: 'actions' }, h('button', { class: 'primary', on: { click: () => dialog.close() } }, 'Close')));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
}

/** Begin to listen. `search` gives the element that / goes to. */
export function startKeys({ search }) {
    addKeys(
        { keys: '/', label: 'Search', run: () => search()?.focus() },
        { keys: 'j', label: 'Next row', run: () => step(1) },
        { keys: 'k', label: 'Previous row', run: () => step(-1) },
        { keys: 'Enter', label: 'Open the row' },
        { keys: '?', label: 'This help', run: help });
    document.addEventListener('keydown', onKey);
    document.addEventListener('bptm-help', help);
}
