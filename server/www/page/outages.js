// Outage events, newest first, narrowed by filters that live in the URL; as CSV, GeoJSON and FlatGeobuf too.
import { withQuery } from '/lib/api.js';
import { h, icon, put } from '/lib/dom.js';
import { confidence, count, eventKinds, levelChoices, stateTag, whatCell } from '/lib/grid-words.js';
import { list } from '/lib/list.js';
import { page } from '/lib/shell.js';
import { minutesText, time, timeOfField } from '/lib/time.js';

const files = h('div', { class: 'actions' });

/** What the filters say, as the resource takes it. */
const query = ({ from, to, ...others }) => ({ ...others, from: timeOfField(from), to: timeOfField(to) });

function offer(asked) {
    put(files, h('span', { class: 'small' }, 'All of them as'), ['csv', 'geojson', 'fgb'].map((kind) =>
        h('a', { class: 'button', href: withQuery(`/v1/outage-events.${kind}`, asked), download: `outages.${kind}` }, icon('down'), { csv: 'CSV', geojson: 'GeoJSON', fgb: 'FlatGeobuf' }[kind])));
}

page({
    title: 'Outages',
    roles: ['analyst', 'operator'],
    actions: files,
    render: () => list({
        path: '/v1/outage-events',
        caption: 'Outages',
        href: (e) => `/outage?id=${e.id}`,
        query: (values) => {
            const asked = query(values);
            offer(asked);
            return asked;
        },
        filters: [
            { name: 'state', label: 'State', kind: 'select', choices: [['', 'All'], ['open', 'Open'], ['closed', 'Closed']] },
            { name: 'kind', label: 'Kind', kind: 'select', choices: [['', 'All'], ...eventKinds] },
            { name: 'level', label: 'What went out', kind: 'select', choices: [['', 'All'], ...levelChoices] },
            { name: 'circuit_id', label: 'Circuit', maxlength: 32, placeholder: '012345601' },
            { name: 'from', label: 'Lasted beyond', kind: 'datetime-local' },
            { name: 'to', label: 'Began before', kind: 'datetime-local' },
        ],
        none: ['No outage', 'None matches these filters.'],
        columns: [
            { label: 'Outage', show: (e) => String(e.id), mono: true },
            { label: 'What', show: whatCell, wide: true },
            { label: 'State', show: stateTag },
            { label: 'Began', show: (e) => time(e.started_at) },
            { label: 'Lasted', show: (e) => minutesText(e.minutes), number: true },
            { label: 'Homes', show: (e) => count(e.customers), number: true },
            { label: 'Still dark', show: (e) => count(e.dark), number: true },
            { label: 'Confidence', show: (e) => confidence(e.confidence) },
        ],
    }),
});
