// One version of the generator list: how it differs from what is in force, and to publish or discard it.
import { get, post, remove } from '/lib/api.js';
import { pair } from '/lib/diff.js';
import { h, put, tag } from '/lib/dom.js';
import { page, section } from '/lib/shell.js';
import { empty, loading, problem, told } from '/lib/state.js';
import { facts, table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own } from '/lib/words.js';

const version = new URLSearchParams(location.search).get('version') ?? '';
const path = `/v1/generator-lists/${encodeURIComponent(version)}`;
const place = h('div', {});

async function act(does, text) {
    try {
        await does();
        told(text);
        setTimeout(() => location.assign('/publications'), 900);
    } catch (error) {
        put(place, problem(error));
    }
}

const busy = (p) => p.state === 'waiting' || p.state === 'running';

/** A preview when it is over; one at a time is made, and a large territory takes a minute. */
async function over(p) {
    for (let one = p; ; one = await get(`/v1/previews/${p.id}`)) {
        if (!busy(one)) {
            if (one.state !== 'done') {
                throw new Error(`The preview for ${p.programme} is ${one.state}${one.note ? `: ${one.note}` : ''}`);
            }
            return one;
        }
        await new Promise((done) => { setTimeout(done, 500); });
    }
}

const counts = ({ programme, counts: c }) => ({ programme, ...c });
const moves = async (p) => (await get(`/v1/previews/${p.id}/changes?limit=20`)).items.map((c) => ({ ...c, programme: p.programme }));

/** Whom it moves, by each programme with rules in force; then it may be published. */
async function preview() {
    try {
        put(place, loading('Every premise is judged'));
        const { items } = await get('/v1/programmes');
        const asked = [];
        for (const p of items.filter((one) => one.ruleset)) {
            asked.push(await post('/v1/previews', { programme: p.code, generator_list: Number(version) }));
        }
        const made = await Promise.all(asked.map(over));
        const moved = (await Promise.all(made.map(moves))).flat();
        const number = (key) => (r) => r[key].toLocaleString('en-US');
        put(place, table({ caption: 'Whom it moves', rows: made.map(counts), columns: [
            { label: 'Programme', show: (r) => own(r.programme) }, { label: 'Eligible now', show: number('eligible_before'), number: true }, { label: 'Then', show: number('eligible_after'), number: true },
            { label: 'In', show: number('in'), number: true }, { label: 'Out', show: number('out'), number: true }, { label: 'Out, with a device', show: number('hardware_out'), number: true }] }),
        moved.length > 0 && table({ caption: 'The first of them', rows: moved, href: (r) => `/premise?id=${r.premise_id}`, columns: [
            { label: 'Premise', show: (r) => own(r.code) }, { label: 'Programme', show: (r) => own(r.programme) }, { label: 'Now', key: 'before' }, { label: 'Then', key: 'after' },
            { label: 'Device', show: (r) => (r.has_hardware ? 'yes' : 'no') }] }),
        made.length === 0 ? empty('No programme has rules in force', 'Without rules nobody can be shown.')
            : h('div', { class: 'actions' }, h('button', { class: 'primary', on: { click: () => act(() => post(`/v1/previews/${made[0].id}/publications`), 'Published: in force now.') } }, 'Publish this list')));
    } catch (error) {
        put(place, problem(error));
    }
}

const models = (title, tone, items) => items.length > 0 && section(h('span', { class: 'row' }, title, tag(items.length.toLocaleString('en-US'), tone)), table({
    caption: title, rows: items, columns: [{ label: 'Make', show: (m) => own(m.make) }, { label: 'Model', show: (m) => own(m.model), wide: true }] }));

const changed = (items) => items.length > 0 && section(h('span', { class: 'row' }, 'Changed', tag(items.length.toLocaleString('en-US'), 'warn')),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Changed' }, h('table', { class: 'difference' },
        h('caption', { class: 'hidden' }, 'Changed fields of models'),
        h('thead', {}, h('tr', {}, ['Model', 'Field', 'Before', 'After'].map((t) => h('th', { scope: 'col' }, t)))),
        h('tbody', {}, items.map((c) => h('tr', {}, h('th', { scope: 'row' }, own(`${c.make} ${c.model}`)), h('td', {}, c.field.replaceAll('_', ' ')), pair(c.before, c.after)))))));

page({
    title: `Generator list, version ${version}`,
    roles: ['enrolment', 'operator'],
    render: async () => {
        const [l, d] = await Promise.all([get(path), get(`${path}/difference`)]);
        const isDraft = l.state === 'draft';
        return [
            section('About', h('div', { class: 'row' }, tag(l.active ? 'in force' : l.state, l.active ? 'ok' : isDraft ? 'warn' : 'plain')),
                facts([['Source', own(l.source)], ['Models', l.models.toLocaleString('en-US')], ['Imported', time(l.imported_at)], ['Imported by', own(l.imported_by)], ['Published', time(l.published_at)], ['Published by', own(l.published_by)]]),
                isDraft && h('div', { class: 'actions' },
                    h('button', { on: { click: preview } }, 'Preview whom it moves'),
                    h('button', { class: 'danger', on: { click: () => act(() => remove(path), 'Discarded.') } }, 'Discard the draft')),
                place,
                isDraft && h('p', { class: 'small' }, 'It takes a second person: who imported a list cannot publish it. Applications that were decided keep their decision.')),
            d.added.length + d.removed.length + d.changed.length === 0 && empty('No difference', l.active ? 'This is the list in force.' : 'It has the same models and fields as the list in force.'),
            changed(d.changed), models('Removed', 'bad', d.removed), models('Added', 'ok', d.added),
        ];
    },
});
