// What a place shows while it has nothing to show: loading, empty, failed; and messages that pass.
import { add, h, put } from './dom.js';

export const loading = (what = 'Loading') =>
    h('div', { class: 'state', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('p', {}, `${what} …`));

/** Nothing is there, why that may be, and what to do about it. */
export const empty = (title, text, ...actions) =>
    h('div', { class: 'state empty' }, h('p', { class: 'big' }, title), text && h('p', {}, text),
        actions.length > 0 && h('div', { class: 'actions' }, actions));

/** Where a mistake of the body is, in words: "/holder/name" is "holder, name". */
const place = (pointer) => String(pointer).replace(/^\//, '').replaceAll('/', ', ').replaceAll('_', ' ');

/** A problem document, whole: what, why, where, and the number to quote. */
export function problem(error, retry) {
    const p = error.problem ?? { title: error.message };
    const mistakes = p.errors ?? [];
    const isSaid = mistakes.some((m) => m.detail === p.detail);
    const title = p.title ? p.title[0].toUpperCase() + p.title.slice(1) : 'Something went wrong';
    return h('div', { class: 'state failed', role: 'alert' },
        h('p', { class: 'big' }, `${title}.`),
        !isSaid && p.detail && h('p', {}, p.detail),
        mistakes.length > 0 && h('ul', {}, mistakes.map((m) => h('li', {}, h('b', {}, place(m.pointer ?? m.parameter ?? '')), ` ${m.detail}`))),
        p.request_id && h('p', { class: 'small' }, 'Request ', h('code', {}, p.request_id)),
        retry && h('div', { class: 'actions' }, h('button', { on: { click: retry } }, 'Try again')));
}

/**
 * Fill a place with what is coming: loading at once, then what `make` resolves with, or what failed
 * with a way to try again. A later call for the same place wins.
 */
export async function show(where, make, what) {
    const turn = {};
    where.bptmTurn = turn;
    const wait = setTimeout(() => where.bptmTurn === turn && put(where, loading(what)), where.childNodes.length ? 250 : 0);
    where.setAttribute('aria-busy', 'true');
    try {
        const made = await make();
        if (where.bptmTurn === turn) {
            put(where, made);
        }
    } catch (error) {
        if (where.bptmTurn === turn && error.name !== 'AbortError') {
            if (!error.problem) {
                console.error(error);
            }
            put(where, problem(error, () => show(where, make, what)));
        }
    } finally {
        clearTimeout(wait);
        if (where.bptmTurn === turn) {
            where.removeAttribute('aria-busy');
        }
    }
}

/** Tell that something was done; goes by itself, and is read aloud. */
export function told(text, tone = 'ok') {
    let box = document.querySelector('.told');
    if (!box) {
        box = h('div', { class: 'told', role: 'status', 'aria-live': 'polite' });
        document.body.append(box);
    }
    const line = h('p', { class: tone }, text);
    add(box, line);
    setTimeout(() => line.remove(), 6000);
}

/** A bar of so much of so many; without `of` one that only moves. */
export function progress(label, done, of) {
    const bar = of ? h('progress', { max: of, 'aria-label': label }) : h('progress', { 'aria-label': label });
    if (of) {
        bar.value = Math.min(done, of);
    }
    const text = of ? `${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}` : '';
    return h('div', { class: 'progress' }, h('span', {}, label), bar, h('span', { class: 'number' }, text));
}
