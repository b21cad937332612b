// Search: applications, premises and customers by any part of what staff know of them.
import { get } from '/lib/api.js';
import { h } from '/lib/dom.js';
import { page, section } from '/lib/shell.js';
import { empty } from '/lib/state.js';
import { table } from '/lib/table.js';
import { own, stateTag } from '/lib/words.js';

const q = (new URLSearchParams(location.search).get('q') ?? '').trim().slice(0, 100);

const applications = (items) => items.length > 0 && section('Applications', table({
    caption: `Applications that match ${q}`, rows: items, href: (r) => `/application?id=${r.id}`,
    columns: [
        { label: 'Number', show: (r) => String(r.id), mono: true },
        { label: 'Customer', show: (r) => own(r.customer_name), wide: true },
        { label: 'Address', show: (r) => own(r.address), wide: true },
        { label: 'State', show: (r) => stateTag(r.state) },
    ],
}));

const premises = (items) => items.length > 0 && section('Premises', table({
    caption: `Premises that match ${q}`, rows: items, href: (r) => `/premise?id=${r.id}`,
    columns: [
        { label: 'Code', key: 'code', mono: true },
        { label: 'Address', show: (r) => own(`${r.address}, ${r.city}`), wide: true },
        { label: 'Meter', key: 'meter_number', mono: true },
        { label: 'Circuit', key: 'circuit_id', mono: true },
    ],
}));

const customers = (items) => items.length > 0 && section('Customers', table({
    caption: `Customers that match ${q}`, rows: items, href: (r) => `/customer?id=${r.id}`,
    columns: [
        { label: 'Name', show: (r) => own(r.name), wide: true },
        { label: 'Phone', key: 'phone' },
        { label: 'E-mail', show: (r) => own(r.email), wide: true },
    ],
}));

page({
    title: q ? h('span', {}, 'Search: ', h('bdi', {}, q)) : 'Search',
    roles: ['enrolment'],
    render: async () => {
        if (!q) {
            return empty('What are you looking for?', 'A part of an address, of a meter or account number; an application’s number; whole words of a name, an e-mail address or a telephone number.');
        }
        const found = await Promise.all(['applications', 'premises', 'customers'].map((what) => get(`/v1/${what}`, { q, limit: 25 })));
        const [a, p, c] = found.map((f) => f.items);
        return a.length + p.length + c.length === 0
            ? empty('Nothing found', 'Try a shorter part of the address or the number; of a name whole words are found only.')
            : [applications(a), premises(p), customers(c), found.some((f) => f.next) && h('p', { class: 'small' }, 'More match; the first 25 of each are shown.')];
    },
});
