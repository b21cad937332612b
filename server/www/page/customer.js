// One customer: who that is and which accounts are held; all that is kept of the person, to hand out; and the erasure.
import { call, get, getAll, post } from '/lib/api.js';
import { differences, valueText } from '/lib/diff.js';
import { h, icon, link, save, tag } from '/lib/dom.js';
import { ask, field, form } from '/lib/form.js';
import { page, section, tabs } from '/lib/shell.js';
import { show, told } from '/lib/state.js';
import { facts, longTable, table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { actionText, nameOf, own, stateTag, yesNo } from '/lib/words.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const path = `/v1/customers/${encodeURIComponent(id)}`;
const place = h('div', { class: 'stack' });
const none = (text) => h('p', { class: 'none' }, text);

/* -- who it is -------------------------------------------------------------- */

const head = (c) => h('section', { class: 'card' },
    h('div', { class: 'row' }, h('h2', {}, nameOf(c)), c.erased_at && tag('erased', 'plain')),
    facts([['Phone', own(c.phone)], ['E-mail', own(c.email)], ['Medical Baseline', yesNo(c.medical_baseline)], ['Entered', time(c.created_at)]]));

async function accounts(c) {
    const { items } = await getAll('/v1/accounts', { customer_id: c.id }, 200);
    return items.length === 0 ? none('None.') : table({
        caption: 'Accounts', rows: items, href: (a) => `/premise?id=${a.premise_id}`, columns: [
            { label: 'Number', key: 'number', mono: true }, { label: 'Kind', key: 'kind' }, { label: 'Moved in', key: 'moved_in' }, { label: 'Moved out', key: 'moved_out' },
        ] });
}

/* -- everything that is held ------------------------------------------------ */

const isTime = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value);
const value = (v) => (isTime(v) ? time(v) : h('span', { class: 'written' }, valueText(v)));
const members = (object) => facts(differences(null, object).map(([name, , v]) => [name, value(v)]));
const names = (list) => (list ?? []).join(', ').replaceAll('_', ' ');

const application = ({ application: app, ...parts }) => section(link(`/application?id=${app.id}`, `Application ${app.id}`), h('div', { class: 'row' }, stateTag(app.state)),
    h('details', {}, h('summary', {}, 'As it is now'), members(app)),
    Object.entries(parts).filter(([, list]) => list.length > 0).map(([name, list]) => h('details', { 'data-part': name },
        h('summary', {}, `${name[0].toUpperCase()}${name.slice(1)} (${list.length})`), h('ul', { class: 'timeline' }, list.map((one) => h('li', {}, members(one)))))));

async function held() {
    const { body } = await call('GET', `${path}/export`);
    return [
        h('div', { class: 'actions' }, h('button', { on: { click: () => save(`customer-${body.customer.id}.json`, 'application/json', `${JSON.stringify(body, null, 2)}\n`) } }, icon('down'), 'Save as JSON')),
        h('p', { class: 'small' }, 'To look at this is itself kept among who has read it.'),
        section('The customer', members(body.customer)),
        section('Accounts, now or before', body.accounts.length === 0 ? none('None.') : table({
            caption: 'Accounts, now or before', rows: body.accounts, columns: [
                { label: 'Number', key: 'number', mono: true }, { label: 'Kind', key: 'kind' }, { label: 'Address', show: (a) => own(a.address), wide: true },
                { label: 'Moved in', key: 'moved_in' }, { label: 'Moved out', key: 'moved_out' },
            ] })),
        body.applications.map(application),
        section('When it was entered, changed or erased', body.changes.length === 0 ? none('Not known: it came by an import.') : table({
            caption: 'When it was entered, changed or erased', rows: body.changes, columns: [
                { label: 'When', show: (c) => time(c.at) }, { label: 'What', show: (c) => actionText(c.action.replace(/^customer\./, '')) },
                { label: 'Role', key: 'role' }, { label: 'Known then', show: (c) => names(c.after?.fields) }, { label: 'Reason', show: (c) => own(c.reason), wide: true },
            ] })),
        section('Who has read it', body.reads.length === 0 ? none('Nobody yet.') : longTable({
            caption: 'Who has read it', rows: [...body.reads].reverse(), columns: [
                { label: 'When', show: (r) => time(r.at) }, { label: 'Who', show: (r) => own(r.subject) ?? (r.token_id && h('code', { title: `Token ${r.token_id}` }, r.token_id.slice(0, 8))) }, { label: 'Role', key: 'role' },
                { label: 'What', show: (r) => names(r.fields) }, { label: 'By', key: 'path', mono: true },
            ] })),
    ];
}

/* -- the erasure ------------------------------------------------------------ */

const erase = (c) => ask('Erase this person', (close) => form({
    label: 'Erase this person', submit: 'Erase for ever', tone: 'danger', cancel: () => close(),
    fields: [
        h('p', {}, h('b', {}, 'Lost for ever: '), 'name, e-mail address, telephone number, all notes of ', nameOf(c), ' and what their documents are called; and rows of ended imports that name an account of theirs. Nobody can bring them back.'),
        h('p', {}, h('b', {}, 'What stays: '), 'this number and Medical Baseline, accounts, addresses, applications with their decisions and papers, and the audit. What staff wrote into reasons stays as it is. A backup made before still holds everything.'),
        field({ name: 'reason', label: 'Reason', kind: 'textarea', required: true, maxlength: 400, help: 'Kept in the audit, for ever: nothing personal.' }),
    ],
    act: async (values) => {
        await post(`${path}/erasures`, values);
        close();
        told('Erased.');
        draw();
    },
}));

const erasure = (c) => section('Erasure', c.erased_at ? h('p', {}, 'Erased ', time(c.erased_at), '.') : [
    h('p', {}, 'When nothing needs the person any more: no account held, no application live.'),
    h('div', { class: 'actions' }, h('button', { class: 'danger', on: { click: () => erase(c) } }, 'Erase this person …'))]);

/* -- all of it -------------------------------------------------------------- */

let isAdmin;

async function read() {
    const c = await get(path);
    return h('div', { class: isAdmin ? 'columns' : 'stack' },
        h('div', { class: 'stack' }, head(c), tabs('Customer', [['accounts', 'Accounts', () => accounts(c)], ['held', 'Everything we hold', held]])),
        isAdmin && erasure(c));
}

const draw = () => show(place, read, 'Customer');

page({
    title: `Customer ${id}`,
    roles: ['enrolment'],
    render: (session) => {
        isAdmin = session.roles.includes('admin');
        draw();
        return place;
    },
    keys: ['accounts', 'held'].map((name, n) => ({ keys: `${n + 1}`, label: `Tab ${n + 1}`, run: () => place.querySelector('.tabbed')?.open(name) })),
});
