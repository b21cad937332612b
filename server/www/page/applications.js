// All applications, narrowed by filters that live in the URL.
import { get } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { list } from '/lib/list.js';
import { page } from '/lib/shell.js';
import { time } from '/lib/time.js';
import { own, stateChoices, stateTag } from '/lib/words.js';

page({
    title: 'Applications',
    roles: ['enrolment'],
    actions: [h('a', { class: 'button primary', href: '/application-new' }, 'New application')],
    keys: [{ keys: 'n', label: 'New application', run: () => location.assign('/application-new') }],
    render: async () => {
        const { items: programmes } = await get('/v1/programmes');
        return list({
            path: '/v1/applications',
            caption: 'Applications',
            href: (row) => `/application?id=${row.id}`,
            filters: [
                { name: 'q', label: 'Find', kind: 'search', placeholder: 'Name, address, meter, number', maxlength: 100 },
                { name: 'state', label: 'State', kind: 'select', choices: [['', 'All'], ...stateChoices] },
                { name: 'programme', label: 'Programme', kind: 'select', choices: [['', 'All'], ...programmes.map((p) => [p.code, p.name])] },
                { name: 'assignee', label: 'Assigned to', maxlength: 80 },
                { name: 'overdue', label: 'Overdue', kind: 'checkbox' },
            ],
            none: ['No application', 'None matches these filters.'],
            columns: [
                { label: 'Number', show: (r) => String(r.id), mono: true },
                { label: 'Customer', show: (r) => own(r.customer_name), wide: true },
                { label: 'Address', show: (r) => own(r.address), wide: true },
                { label: 'State', show: (r) => stateTag(r.state) },
                { label: 'Since', show: (r) => time(r.state_since) },
                { label: 'Waiting list', key: 'waitlist_position', number: true },
                { label: 'Assigned to', show: (r) => own(r.assignee) },
            ],
        });
    },
});
