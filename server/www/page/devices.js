// All transfer meters, narrowed by filters that live in the URL.
import { h, tag } from '/lib/dom.js';
import { list } from '/lib/list.js';
import { page } from '/lib/shell.js';
import { time } from '/lib/time.js';

const online = (d) => (d.online === null ? tag('never connected', 'plain') : d.online ? tag('online', 'ok') : tag('offline', 'warn'));

page({
    title: 'Devices',
    roles: ['operator'],
    render: () => list({
        path: '/v1/devices',
        caption: 'Devices',
        href: (d) => `/device?serial=${encodeURIComponent(d.serial)}`,
        filters: [
            { name: 'q', label: 'Serial number', kind: 'search', placeholder: 'any part of it', maxlength: 24 },
            { name: 'online', label: 'Connection', kind: 'select', choices: [['', 'All'], ['true', 'Online'], ['false', 'Offline']] },
            { name: 'state', label: 'State', kind: 'select', choices: [['', 'All'], ['registered', 'Registered'], ['retired', 'Retired']] },
        ],
        none: ['No device', 'None matches these filters.'],
        columns: [
            { label: 'Serial number', key: 'serial', mono: true },
            { label: 'Connection', show: online },
            { label: 'State', show: (d) => (d.state === 'retired' ? tag('retired', 'plain') : 'registered') },
            { label: 'Model', show: (d) => [d.model, ' ', h('span', { class: 'small' }, d.hardware_revision)] },
            { label: 'Firmware', key: 'firmware', mono: true },
            { label: 'Last status', show: (d) => time(d.status_at) },
            { label: 'At a home since', show: (d) => (d.assignment ? time(d.assignment.from, 'date') : null) },
        ],
    }),
});
