// One version of the generator list: how it differs from what is in force, and to publish or discard it.
import { get, remove } from '/lib/api.js';
import { pair } from '/lib/diff.js';
import { h, tag } from '/lib/dom.js';
import { act, preview } from '/lib/preview.js';
import { page, section } from '/lib/shell.js';
import { empty } from '/lib/state.js';
import { facts, table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own } from '/lib/words.js';

const version = new URLSearchParams(location.search).get('version') ?? '';
const path = `/v1/generator-lists/${encodeURIComponent(version)}`;
const place = h('div', {});

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
                    h('button', { on: { click: () => preview(place, { generator_list: Number(version) }, 'Publish this list') } }, 'Preview whom it moves'),
                    h('button', { class: 'danger', on: { click: () => act(place, () => remove(path), 'Discarded.') } }, 'Discard the draft')),
                place,
                isDraft && h('p', { class: 'small' }, 'It takes a second person: who imported a list cannot publish it. Applications that were decided keep their decision.')),
            d.added.length + d.removed.length + d.changed.length === 0 && empty('No difference', l.active ? 'This is the list in force.' : 'It has the same models and fields as the list in force.'),
            changed(d.changed), models('Removed', 'bad', d.removed), models('Added', 'ok', d.added),
        ];
    },
});
