// A new application, step by step: the premise, its customer, the account, then what is asked for. What was chosen is
// in the URL, so that going back, reloading and coming from a premise all work.
import { get, getAll, post, withQuery } from '/lib/api.js';
import { h, link } from '/lib/dom.js';
import { field, form } from '/lib/form.js';
import { list } from '/lib/list.js';
import { page, section } from '/lib/shell.js';
import { facts, table } from '/lib/table.js';
import { attestationText, own, yesNo } from '/lib/words.js';

const asked = Object.fromEntries(new URLSearchParams(location.search));
const step = (more) => withQuery('/application-new', { premise: asked.premise, customer: asked.customer, account: asked.account, ...more });
const steps = ['Premise', 'Customer', 'Account', 'Application'];

/** Where one is: each step with what was chosen, the present one said as such. */
const path = (at) => h('ol', { class: 'path', 'aria-label': 'Steps' }, steps.map((text, n) =>
    h('li', n === at ? { 'aria-current': 'step' } : {}, n < at ? `${text}: chosen` : text)));

const about = (name) => withQuery(`/v1/${name}s/${encodeURIComponent(asked[name])}`);
const chosen = (title, rows, other) => section(title, facts(rows), h('p', {}, link(other, `Another ${title.toLowerCase()}`)));
const premiseOf = (p) => chosen('Premise', [['Address', own(`${p.address}, ${p.city} ${p.postal_code}`)], ['Code', h('code', {}, p.code)], ['Meter', p.meter_number && h('code', {}, p.meter_number)], ['Circuit', p.circuit_id && h('code', {}, p.circuit_id)]],
    '/application-new');
const customerOf = (c) => chosen('Customer', [['Name', own(c.name)], ['E-mail', own(c.email)], ['Phone', own(c.phone)], ['Medical Baseline', yesNo(c.medical_baseline)]],
    step({ customer: undefined, account: undefined }));
const accountOf = (a) => chosen('Account', [['Number', h('code', {}, a.number)], ['Kind', a.kind], ['Since', a.moved_in]], step({ account: undefined }));

/* -- the steps -------------------------------------------------------------- */

const premises = () => list({
    path: '/v1/premises', caption: 'Premises', href: (p) => `/application-new?premise=${p.id}`,
    filters: [{ name: 'q', label: 'Find the premise', kind: 'search', placeholder: 'Address, meter or code', maxlength: 100, autofocus: true }],
    none: ['No premise', 'Try a shorter part of the address or the number. Premises come in by bulk import.'],
    columns: [{ label: 'Code', key: 'code', mono: true }, { label: 'Address', show: (p) => own(`${p.address}, ${p.city}`), wide: true }, { label: 'Meter', key: 'meter_number', mono: true }, { label: 'Circuit', key: 'circuit_id', mono: true }],
});

/** Who lives there, by its accounts; else anybody; else somebody new. */
async function customers(accounts) {
    const there = await Promise.all(accounts.filter((a) => a.active).map(async (a) => ({ account: a, customer: await get(`/v1/customers/${a.customer_id}`) })));
    return [
        section('Accounts there', there.length === 0 ? h('p', { class: 'none' }, 'None that is active.') : table({
            caption: 'Accounts of the premise', rows: there, href: (r) => step({ customer: r.customer.id, account: r.account.id }), columns: [
                { label: 'Number', show: (r) => r.account.number, mono: true }, { label: 'Customer', show: (r) => own(r.customer.name), wide: true }, { label: 'Kind', show: (r) => r.account.kind },
            ] })),
        section('Another customer', list({
            path: '/v1/customers', caption: 'Customers', fixed: { limit: 25 }, href: (c) => step({ customer: c.id }),
            filters: [{ name: 'q', label: 'Find the customer', kind: 'search', placeholder: 'Name, e-mail or phone', maxlength: 100 }],
            none: ['No customer', 'Enter them below.'],
            columns: [{ label: 'Name', show: (c) => own(c.name), wide: true }, { label: 'Phone', key: 'phone' }, { label: 'E-mail', show: (c) => own(c.email), wide: true }],
        })),
        section('New customer', form({
            label: 'New customer', submit: 'Keep the customer',
            fields: [
                field({ name: 'name', label: 'Name', required: true, maxlength: 200, autocomplete: 'off' }), field({ name: 'email', label: 'E-mail', kind: 'email', maxlength: 254, autocomplete: 'off' }),
                field({ name: 'phone', label: 'Phone', kind: 'tel', maxlength: 40, autocomplete: 'off' }), field({ name: 'medical_baseline', label: 'Medical Baseline', kind: 'checkbox' }),
            ],
            act: async (values) => location.assign(step({ customer: (await post('/v1/customers', values)).id })),
        })),
    ];
}

const account = () => section('New account', form({
    label: 'New account', submit: 'Keep the account',
    fields: [
        field({ name: 'number', label: 'Account number', required: true, maxlength: 40, autocomplete: 'off' }),
        field({ name: 'kind', label: 'Kind', kind: 'select', choices: ['residential', 'business'] }),
    ],
    act: async (values) => {
        const made = await post('/v1/accounts', { ...values, premise_id: Number(asked.premise), customer_id: Number(asked.customer) });
        location.assign(step({ account: made.id }));
    },
}));

const agreed = ['owner_or_permission', 'access_agreed', 'survey_agreed'];
const medical = ['medical_needs_not_compromised', 'medical_needs_met_in_shutoff'];

async function application(customer) {
    const { items: programmes } = await get('/v1/programmes');
    const names = [...agreed, ...(customer.medical_baseline ? medical : [])];
    return section('Application', form({
        label: 'New application', submit: 'Submit',
        fields: [
            field({ name: 'programme', label: 'Programme', kind: 'select', choices: programmes.map((p) => [p.code, p.name]) }),
            field({ name: 'make', label: 'Generator: make', required: true, maxlength: 60, placeholder: 'DuroMax' }), field({ name: 'model', label: 'Generator: model', required: true, maxlength: 60, placeholder: 'XP13000HX' }),
            names.map((name) => field({ name, label: attestationText(name), kind: 'checkbox' })),
            field({ name: 'terms_version', label: 'Version of the terms agreed to', maxlength: 40 }),
            field({ name: 'prior_rebate', label: 'Had a generator rebate before', kind: 'checkbox' }), field({ name: 'draft', label: 'Keep it as a draft: neither submitted nor decided', kind: 'checkbox' }),
        ],
        act: async ({ programme, make, model, prior_rebate, draft, ...attestations }) => {
            const made = await post('/v1/applications', { programme, premise_id: Number(asked.premise), account_id: Number(asked.account), generator: { make, model }, attestations, prior_rebate, draft });
            location.assign(`/application?id=${made.id}`);
        },
    }));
}

page({
    title: 'New application',
    roles: ['enrolment'],
    render: async () => {
        if (!asked.premise) {
            return [path(0), premises()];
        }
        const premise = await get(about('premise'));
        if (!asked.customer) {
            const { items } = await getAll('/v1/accounts', { premise_id: premise.id }, 50);
            return [path(1), h('div', { class: 'columns' }, h('div', { class: 'stack' }, await customers(items)), premiseOf(premise))];
        }
        const customer = await get(about('customer'));
        const there = asked.account && await get(about('account'));
        return [path(there ? 3 : 2), h('div', { class: 'columns' }, there ? await application(customer) : account(),
            h('div', { class: 'stack' }, premiseOf(premise), customerOf(customer), there && accountOf(there)))];
    },
});
