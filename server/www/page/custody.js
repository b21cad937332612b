// Who holds which meter; with ?serial= one of them, from hand to hand.
import { custodyTag, custodyView, holderText, stateChoices } from '/lib/custody.js';
import { list } from '/lib/list.js';
import { page, section } from '/lib/shell.js';
import { time } from '/lib/time.js';

const serial = new URLSearchParams(location.search).get('serial');

page({
    title: serial ? `Custody of ${serial}` : 'Custody',
    roles: ['enrolment', 'installer', 'operator'],
    render: () => (serial ? section('From hand to hand', custodyView(serial)) : list({
        path: '/v1/custody',
        caption: 'Meters',
        href: (c) => `/custody?serial=${encodeURIComponent(c.serial)}`,
        filters: [
            { name: 'holder', label: 'Held by', kind: 'search', placeholder: 'warehouse or crew, all of its name', maxlength: 80 },
            { name: 'state', label: 'Where', kind: 'select', choices: [['', 'Anywhere'], ...stateChoices] },
        ],
        none: ['No meter', 'None matches these filters.'],
        columns: [
            { label: 'Serial number', key: 'serial', mono: true },
            { label: 'Where', show: (c) => custodyTag(c.state) },
            { label: 'With', show: holderText },
            { label: 'Since', show: (c) => time(c.since) },
        ],
    })),
});
