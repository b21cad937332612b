// Bulk imports: those there are, and the beginning of a new one.
import { h } from '/lib/dom.js';
import { importTag, kindText } from '/lib/import.js';
import { list } from '/lib/list.js';
import { page } from '/lib/shell.js';
import { time } from '/lib/time.js';
import { own } from '/lib/words.js';

page({
    title: 'Imports',
    roles: ['enrolment', 'operator'],
    actions: [h('a', { class: 'button primary', href: '/import-new' }, 'New import')],
    keys: [{ keys: 'n', label: 'New import', run: () => location.assign('/import-new') }],
    render: () => list({
        path: '/v1/imports',
        caption: 'Bulk imports, newest first',
        href: (r) => `/import?id=${r.id}`,
        none: ['No import yet', 'Premises, accounts, circuits and links come in by CSV: a dry run first, then all or nothing.'],
        columns: [
            { label: 'Number', show: (r) => String(r.id), mono: true },
            { label: 'File', show: (r) => own(r.file_name), wide: true },
            { label: 'What', show: (r) => kindText(r.kind) },
            { label: 'State', show: (r) => importTag(r.state) },
            { label: 'Rows', show: (r) => r.rows.toLocaleString('en-US'), number: true },
            { label: 'With errors', show: (r) => r.rejected?.toLocaleString('en-US'), number: true },
            { label: 'New', show: (r) => r.creates?.toLocaleString('en-US'), number: true },
            { label: 'Changed', show: (r) => r.updates?.toLocaleString('en-US'), number: true },
            { label: 'Why', show: (r) => own(r.why), wide: true },
            { label: 'When', show: (r) => time(r.created_at) },
        ],
    }),
});
