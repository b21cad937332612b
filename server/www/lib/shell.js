// The frame of every page: who is signed in, where one can go, search, theme, time, help.
import { add, h, icon, put } from './dom.js';
import { addKeys, startKeys } from './keys.js';
import { menu } from './menu.js';
import { nextPref, pref } from './prefs.js';
import { may, me, signOut } from './session.js';
import { empty, problem, show } from './state.js';

const words = {
    theme: { auto: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' },
    zone: { local: 'Times: local', utc: 'Times: UTC' },
};

function prefButton(name, sign) {
    const text = h('span', {}, words[name][pref(name)]);
    return h('button', { class: 'quiet', on: { click: () => put(text, words[name][nextPref(name)]) } }, icon(sign), text);
}

const isHere = (href) => href === location.pathname || (href !== '/' && location.pathname.startsWith(`${href}/`));

function navigation(session) {
    const seen = menu.filter((m) => may(session, m.roles));
    const groups = [...new Set(seen.map((m) => m.group ?? ''))];
    return h('nav', { 'aria-label': 'Pages' }, groups.map((group) => [
        group && h('p', { class: 'group' }, group),
        h('ul', {}, seen.filter((m) => (m.group ?? '') === group).map((m) =>
            h('li', {}, h('a', { href: m.href, 'aria-current': isHere(m.href) ? 'page' : undefined }, m.label)))),
    ]));
}

function searchBox(session) {
    if (!may(session, ['enrolment'])) {
        return null;
    }
    const input = h('input', { type: 'search', name: 'q', id: 'find', placeholder: 'Name, address, meter, application', autocomplete: 'off', maxlength: 100, value: location.pathname === '/search' ? new URLSearchParams(location.search).get('q') ?? '' : '' });
    return h('form', { action: '/search', class: 'find', role: 'search', 'aria-label': 'Everything' },
        h('label', { for: 'find', class: 'hidden' }, 'Search by name, address, meter or application number'), icon('search'), input, h('kbd', { 'aria-hidden': 'true' }, '/'));
}

function side(session) {
    return h('div', { class: 'side', id: 'side' },
        h('a', { class: 'brand', href: '/' }, h('img', { src: '/icon.svg', alt: '', width: 24, height: 24 }), h('span', {}, 'BPTM fleet')),
        navigation(session),
        h('div', { class: 'foot' },
            prefButton('theme', 'sun'), prefButton('zone', 'clock'),
            h('button', { class: 'quiet', on: { click: () => document.dispatchEvent(new CustomEvent('bptm-help')) } }, icon('help'), h('span', {}, 'Keyboard ', h('kbd', {}, '?'))),
            h('p', { class: 'who' }, h('a', { class: 'name', href: '/sessions', title: 'Your sessions' }, session.subject), h('span', { class: 'small' }, session.roles.join(', '))),
            h('button', { class: 'quiet', on: { click: signOut } }, icon('out'), h('span', {}, 'Sign out'))));
}

function topBar(session, status) {
    const button = h('button', { class: 'quiet menu-button', 'aria-controls': 'side', 'aria-expanded': 'false', 'aria-label': 'Menu' }, icon('menu'));
    button.addEventListener('click', () => {
        const open = document.body.classList.toggle('menu-open');
        button.setAttribute('aria-expanded', String(open));
        put(button, icon(open ? 'close' : 'menu'));
    });
    return h('header', { class: 'top' }, button, searchBox(session), status);
}

/**
 * Make a page.
 * @param title   of the document; the page itself says it in its h1, unless `heading` is false
 * @param roles   who may see it; without: everybody who is signed in
 * @param render  (session) -> nodes of the page; may be asynchronous and may throw an ApiError
 * @param keys    shortcuts: { keys, label, run }
 * @param actions  nodes beside the heading
 * @param session  gives who is signed in, where it may be known without asking the server
 * @param status   nodes at the end of the top bar
 */
export async function page({ title, roles, render, keys = [], heading = true, actions = [], session: who = me, status }) {
    let session;
    try {
        session = await who();
    } catch (error) {
        put(document.body, h('main', { id: 'main', class: 'alone' }, h('h1', {}, title), problem(error, () => location.reload())));
        return;
    }
    const body = h('div', { class: 'content' });
    const main = h('main', { id: 'main', tabindex: '-1' },
        heading && h('div', { class: 'heading' }, h('h1', {}, title), h('div', { class: 'actions' }, actions)), body);
    put(document.body,
        h('a', { class: 'skip', href: '#main' }, 'Skip to the page'),
        side(session), topBar(session, status), main);
    startKeys({ search: () => document.querySelector('main [data-search]') ?? document.getElementById('find') ?? document.querySelector('main input[type=search]') });
    addKeys(...menu.filter((m) => m.key && may(session, m.roles)).map((m) =>
        ({ keys: `g ${m.key}`, label: `Go to ${m.label}`, run: () => location.assign(m.href) })), ...keys);
    if (!may(session, roles)) {
        put(body, empty('This page is not for your role', `It is for: ${roles.join(', ')}. You are signed in as ${session.roles.join(', ')}.`));
        return;
    }
    await show(body, () => render(session), typeof title === 'string' ? title : undefined);
}

/** A section with its own heading. */
export const section = (title, ...children) => h('section', { class: 'card' }, h('h2', {}, title), children);

/** A section whose content comes later and may fail by itself. */
export function laterSection(title, make) {
    const place = h('div', {});
    show(place, make, title);
    return section(title, place);
}

/** Tabs by URL: ?tab=NAME. tabs: [[name, label, make]]; `make` runs when its tab is first opened. */
export function tabs(label, list) {
    const wanted = new URLSearchParams(location.search).get('tab');
    const place = h('div', { role: 'tabpanel', id: 'panel', tabindex: '0' });
    const buttons = list.map(([name, text]) => h('button', { role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel', on: { click: () => open(name) } }, text));
    const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': label }, buttons);
    const open = (name, isFirst) => {
        const at = Math.max(0, list.findIndex(([n]) => n === name));
        buttons.forEach((b, n) => {
            b.setAttribute('aria-selected', String(n === at));
            b.tabIndex = n === at ? 0 : -1;
        });
        place.setAttribute('aria-labelledby', `tab-${list[at][0]}`);
        if (!isFirst) {
            const query = new URLSearchParams(location.search);
            query.set('tab', list[at][0]);
            history.replaceState(null, '', `?${query}`);
            buttons[at].focus();
        }
        show(place, list[at][2], list[at][1]);
    };
    bar.addEventListener('keydown', (event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (by) {
            event.preventDefault();
            open(list[(buttons.findIndex((b) => b.tabIndex === 0) + by + list.length) % list.length][0]);
        }
    });
    open(wanted, true);
    const node = add(h('div', { class: 'tabbed' }), bar, place);
    node.open = open;
    return node;
}
