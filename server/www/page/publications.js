// What decisions rest on, by version: what is in force, what waits to be published.
import { get, getAll } from '/lib/api.js';
import { h, tag } from '/lib/dom.js';
import { draftPath } from '/lib/preview.js';
import { laterSection, page } from '/lib/shell.js';
import { table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own } from '/lib/words.js';

const stateOf = (r) => (r.active ? tag('in force', 'ok') : r.state === 'draft' ? tag('draft', 'warn') : tag(r.state ?? 'not in force', 'plain'));

const generatorLists = async () => table({
    caption: 'Generator lists', rows: (await get('/v1/generator-lists')).items, href: (r) => `/publication?version=${r.version}`, columns: [
        { label: 'Version', show: (r) => String(r.version), mono: true }, { label: 'State', show: stateOf }, { label: 'Models', show: (r) => r.models.toLocaleString('en-US'), number: true },
        { label: 'Source', show: (r) => own(r.source), wide: true }, { label: 'Imported', show: (r) => time(r.imported_at) }, { label: 'Published', show: (r) => time(r.published_at) },
    ] });

const zoneLayers = async () => table({
    caption: 'Zone layers', rows: (await get('/v1/zone-layers')).items, href: (r) => draftPath('zone_layers', r.code, r.version), columns: [
        { label: 'Layer', key: 'code', mono: true }, { label: 'Version', show: (r) => String(r.version), number: true }, { label: 'State', show: stateOf },
        { label: 'Zones', show: (r) => r.zones.toLocaleString('en-US'), number: true }, { label: 'Source', show: (r) => own(r.source), wide: true }, { label: 'Imported', show: (r) => time(r.imported_at) },
    ] });

const circuitLists = async () => table({
    caption: 'Lists of circuits', rows: (await getAll('/v1/circuit-lists')).items, href: (r) => draftPath('circuit_lists', r.designation, r.version), columns: [
        { label: 'Designation', key: 'designation', mono: true }, { label: 'Version', show: (r) => String(r.version), number: true }, { label: 'State', show: stateOf },
        { label: 'Circuits', show: (r) => r.circuits.toLocaleString('en-US'), number: true }, { label: 'Source', show: (r) => own(r.source), wide: true },
    ] });

async function rulesets() {
    const { items } = await get('/v1/programmes');
    const all = (await Promise.all(items.map(async (p) => (await get(`/v1/programmes/${encodeURIComponent(p.code)}/rulesets`)).items.map((r) => ({ ...r, name: p.name }))))).flat();
    return table({
        caption: 'Rulesets', rows: all, columns: [
            { label: 'Programme', show: (r) => own(r.name) }, { label: 'Version', show: (r) => String(r.version), number: true }, { label: 'Title', show: (r) => own(r.title), wide: true },
            { label: 'From', key: 'valid_from' }, { label: 'To', key: 'valid_to' },
        ] });
}

page({
    title: 'Publications',
    roles: ['enrolment', 'operator'],
    render: () => [
        h('p', { class: 'lead' }, 'Every decision keeps the versions that it was made with. A draft is published by a second person, who sees the difference first.'),
        laterSection('Generator lists', generatorLists), laterSection('Zone layers', zoneLayers),
        laterSection('Lists of circuits', circuitLists), laterSection('Rulesets', rulesets),
    ],
});
