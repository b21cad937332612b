// The queue: applications on their way, those that wait longest first.
import { h } from '/lib/dom.js';
import { list } from '/lib/list.js';
import { page } from '/lib/shell.js';
import { time } from '/lib/time.js';
import { own, ruleText, stateChoices, stateTag } from '/lib/words.js';

const ended = ['ineligible', 'rejected_on_site', 'installed', 'closed', 'withdrawn', 'removed'];
const isLate = (row) => row.due_at && new Date(row.due_at) < new Date();

export const missing = (row) => (row.missing.length === 0 ? null
    : h('span', { class: 'missing' }, row.missing.map((m) => h('span', { class: 'chip', title: m.sentence }, ruleText(m.code)))));

page({
    title: 'Queue',
    roles: ['enrolment'],
    render: () => list({
        path: '/v1/queue',
        caption: 'Applications on their way, longest waiting first',
        href: (row) => `/application?id=${row.id}`,
        filters: [
            { name: 'q', label: 'Find in the queue', kind: 'search', placeholder: 'Name, address, meter, number', maxlength: 100 },
            { name: 'state', label: 'State', kind: 'select', choices: [['', 'All'], ...stateChoices.filter(([s]) => !ended.includes(s))] },
            { name: 'assignee', label: 'Assigned to', maxlength: 80 },
            { name: 'unassigned', label: 'Nobody’s', kind: 'checkbox' },
            { name: 'overdue', label: 'Overdue', kind: 'checkbox' },
        ],
        none: ['Nothing waits', 'No application on its way matches these filters.'],
        columns: [
            { label: 'Number', show: (r) => String(r.id), mono: true },
            { label: 'Customer', show: (r) => own(r.customer_name), wide: true },
            { label: 'Address', show: (r) => own(r.address), wide: true },
            { label: 'State', show: (r) => stateTag(r.state) },
            { label: 'In it for', show: (r) => h('span', {}, time(r.state_since, 'age'), isLate(r) && h('span', { class: 'late' }, ' overdue')), number: true },
            { label: 'Assigned to', show: (r) => own(r.assignee) },
            { label: 'Missing', show: missing },
        ],
    }),
});
