// One bulk import: how far it is, what is wrong, what it would change; then all of it or nothing.
import { get, post } from '/lib/api.js';
import { pair } from '/lib/diff.js';
import { add, h, put } from '/lib/dom.js';
import { importTag, isRunning, kindText } from '/lib/import.js';
import { draftPath } from '/lib/preview.js';
import { page, section, tabs } from '/lib/shell.js';
import { empty, problem, progress, show, told } from '/lib/state.js';
import { facts, table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own } from '/lib/words.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const path = `/v1/imports/${encodeURIComponent(id)}`;
const phases = { cells: 'Reading cells', rows: 'Checking rows', difference: 'Comparing with what is stored', verify: 'Comparing once more', commit: 'Writing' };
const n = (number) => number?.toLocaleString('en-US');
const place = h('div', { class: 'stack' }), bar = h('div', { 'aria-live': 'polite' });
let shown; // the state that the page was drawn for

/** Page by page, with a button for more. */
function paged(target, draw, nothing) {
    const box = h('div', { class: 'stack' });
    const more = async (cursor) => {
        const got = await get(target, { limit: 50, cursor });
        if (got.items.length === 0 && !cursor) {
            return put(box, nothing);
        }
        box.querySelector('.more')?.remove();
        add(box, draw(got.items));
        if (got.next) {
            add(box, h('div', { class: 'actions more' }, h('button', { on: { click: () => more(got.next) } }, 'More')));
        }
        return box;
    };
    return more().then(() => box);
}

const changesOf = (items) => h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Changes' }, h('table', { class: 'difference' },
    h('caption', { class: 'hidden' }, 'What would change, row by row'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'number' }, 'Row'), ['What', 'Field', 'Before', 'After'].map((t) => h('th', { scope: 'col' }, t)))),
    h('tbody', {}, items.flatMap((c) => c.fields.map((f, at) => h('tr', {},
        at === 0 ? h('td', { class: 'number', rowspan: c.fields.length }, c.row) : null,
        at === 0 ? h('th', { scope: 'row', rowspan: c.fields.length }, own(c.key), h('div', { class: 'small' }, { create: 'new', update: 'changed', remove: 'gone' }[c.action])) : null,
        h('td', {}, f.field.replaceAll('_', ' ')), pair(f.before, f.after)))))));

const errorsOf = (items) => table({
    caption: 'Errors by row and column', rows: items, columns: [
        { label: 'Row', show: (e) => n(e.row), number: true }, { label: 'Column', show: (e) => own(e.column) }, { label: 'Value', show: (e) => own(e.value) }, { label: 'What to do', show: (e) => own(e.hint), wide: true },
    ] });

async function decide(what, text) {
    try {
        await post(`${path}/${what}`);
        told(text);
    } catch (error) {
        put(bar, problem(error));
        return;
    }
    await watch();
}

const drafts = (i) => [
    ...(i.list_version ? [[`/publication?version=${i.list_version}`, `Generator list, version ${i.list_version}`]] : []),
    ...Object.entries(i.circuit_lists ?? {}).map(([name, version]) => [draftPath('circuit_lists', name, version), `Circuits with ${name}, version ${version}`]),
];

function head(i) {
    const blocked = i.state === 'checked' && i.errors > 0 && !i.skip_errors;
    return section(own(i.file_name), h('div', { class: 'row' }, importTag(i.state), h('span', { class: 'small' }, kindText(i.kind), ', ', own(i.why), ', ', time(i.created_at))),
        bar,
        i.note && h('p', { class: 'note warn' }, own(i.note)),
        facts([['Rows', n(i.rows)], ['New', n(i.creates)], ['Changed', n(i.updates)], ['As they are', n(i.unchanged)], ['Rows with errors', n(i.rejected)]]),
        blocked && h('p', { class: 'note warn' }, 'Rows with errors stand against it: correct the file and begin again, or make an import that may leave them out.'),
        drafts(i).length > 0 && h('p', {}, 'Made drafts, which are not in force yet: ', drafts(i).map(([href, text]) => h('a', { class: 'button', href }, text))),
        h('div', { class: 'actions' },
            i.state === 'checked' && !blocked && h('button', { class: 'primary', on: { click: () => decide('commit', 'Being written.') } }, `Write ${n((i.creates ?? 0) + (i.updates ?? 0))} changes`),
            i.rejected > 0 && h('a', { class: 'button', href: `${path}/rejects`, download: `rejects-${id}.csv` }, 'Rows with errors as CSV'),
            !['committed', 'cancelled', 'failed', 'committing'].includes(i.state) && h('button', { class: 'danger', on: { click: () => decide('cancel', 'Cancelled.') } }, 'Cancel the import')));
}

const draw = (i) => show(place, async () => [head(i), ['checked', 'committing', 'committed'].includes(i.state) && tabs('Dry run', [
    ['changes', 'What changes', () => paged(`${path}/changes`, changesOf, empty('Nothing changes', 'All rows are stored as they are in the file.'))],
    ['errors', `Errors (${n(i.errors)})`, () => paged(`${path}/errors`, errorsOf, empty('No errors', 'Every row can be written.'))],
])], 'Import');

/** Follow it until it waits for a person; what is shown comes from the server, so a reload changes nothing. */
async function watch() {
    for (;;) {
        const i = await get(path);
        if (i.state !== shown) {
            shown = i.state;
            await draw(i);
        }
        put(bar, isRunning(i.state) && progress(phases[i.phase] ?? (i.state === 'uploading' ? `Uploading, ${n(i.rows)} rows so far` : 'Waiting for its turn'), i.percent ?? 0, i.phase ? 100 : 0));
        if (!isRunning(i.state)) {
            return;
        }
        await new Promise((done) => setTimeout(done, 700));
    }
}

page({
    title: `Import ${id}`,
    roles: ['enrolment', 'operator'],
    render: async () => {
        const first = await get(path);
        shown = first.state;
        await draw(first);
        watch().catch((error) => put(bar, problem(error, () => location.reload())));
        return place;
    },
});
