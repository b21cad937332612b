// One application: its state and what may be done, why it is eligible or not, its people and papers, its history.
import { get, getAll, getTagged, patch, post } from '/lib/api.js';
import { difference } from '/lib/diff.js';
import { h, link, tag } from '/lib/dom.js';
import { ask, field, form } from '/lib/form.js';
import { placeMap } from '/lib/map.js';
import { me } from '/lib/session.js';
import { laterSection, page, section, tabs } from '/lib/shell.js';
import { empty, problem, show, told } from '/lib/state.js';
import { facts, table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { actionText, attestationText, nameOf, own, resultTag, ruleText, stateTag, stateText, written, yesNo } from '/lib/words.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const path = `/v1/applications/${encodeURIComponent(id)}`;
const place = h('div', { class: 'stack' });
let now; // what was last read, with its tag

/* -- what may be done ------------------------------------------------------- */

async function assign(to) {
    try {
        await patch(path, { assignee: to ?? null }, now.etag);
        told(to ? `Assigned to ${to}.` : 'Nobody’s now.');
    } catch (error) {
        told(error.status === 412 ? 'Somebody changed it meanwhile; here it is anew.' : error.message, 'bad');
    }
    draw();
}

const assignTo = () => ask('Assign', (close) => form({
    label: 'Assign', submit: 'Assign', cancel: () => close(),
    fields: field({ name: 'assignee', label: 'Assigned to', value: now.body.assignee, maxlength: 80, help: 'Empty: nobody.' }),
    act: async ({ assignee }) => {
        close();
        await assign(assignee);
    },
}));

async function act(action) {
    const body = { action: action.action };
    const done = () => {
        told(`${actionText(action.action)}: now ${stateText(action.to).toLowerCase()}.`);
        draw();
    };
    if (!action.needs_reason) {
        try {
            await post(`${path}/transitions`, body);
            done();
        } catch (error) {
            ask('That was refused', (close) => h('div', { class: 'stack' }, problem(error), h('div', { class: 'actions' }, h('button', { class: 'primary', on: { click: () => close() } }, 'Close'))));
            draw();
        }
        return;
    }
    await ask(`${actionText(action.action)}`, (close) => form({
        label: actionText(action.action), submit: actionText(action.action), cancel: () => close(),
        fields: [
            h('p', {}, `Application ${id} becomes `, stateTag(action.to), '.'),
            field({ name: 'reason', label: 'Reason', kind: 'textarea', required: true, maxlength: 500, help: 'Kept for ever with the application and in the audit, where others read it: nothing personal. What is belongs into a note.' }),
        ],
        act: async ({ reason }) => {
            await post(`${path}/transitions`, { ...body, reason });
            close();
            done();
        },
    }));
}

function actions(app) {
    const sorted = [...app.actions].sort((a, b) => b.allowed - a.allowed);
    return section('What may be done', sorted.length === 0 ? h('p', { class: 'none' }, 'Nothing more: this is its end.')
        : h('ul', { class: 'steps' }, sorted.map((a) => h('li', {},
            h('button', { disabled: !a.allowed, class: ['withdraw', 'close', 'reject', 'remove'].includes(a.action) && a.allowed ? 'danger' : undefined, on: { click: () => act(a) } }, actionText(a.action)),
            a.refusals.map((r) => h('span', { class: 'why' }, `Not now: ${r.sentence}`))))));
}

/* -- head ------------------------------------------------------------------- */

function head({ app, customer, premise }) {
    const late = app.due_at && new Date(app.due_at) < new Date();
    return h('section', { class: 'card' },
        h('div', { class: 'row' }, h('h2', {}, customer ? link(`/customer?id=${customer.id}`, nameOf(customer)) : 'No customer of record'), stateTag(app.state), late && tag('overdue', 'bad')),
        h('p', {}, link(`/premise?id=${premise.id}`, own(`${premise.address}, ${premise.city} ${premise.postal_code}`))),
        app.state_reason && h('p', { class: 'note warn' }, own(app.state_reason)),
        facts([
            ['In this state for', time(app.state_since, 'age')],
            ['Due', app.due_at && time(app.due_at)],
            ['Assigned to', own(app.assignee)],
            app.waitlist_position && ['Place on the waiting list', `${app.waitlist_position}`],
            app.season && ['Season', `${app.season}`],
            ['Entered', time(app.created_at)],
        ]),
        h('div', { class: 'actions' },
            h('button', { on: { click: async () => assign((await me()).subject) } }, 'Assign to me'), h('button', { on: { click: assignTo } }, 'Assign …')),
        app.duplicates.length > 0 && h('p', { class: 'note warn' }, 'May be a duplicate of ', app.duplicates.map((d, n) => [n > 0 && ', ', link(`/application?id=${d.application_id}`, `${d.application_id} (${stateText(d.state).toLowerCase()}; same ${[].concat(d.matched).join(', ')})`)])));
}

/* -- why -------------------------------------------------------------------- */

const evidenceText = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value, null, 1) : String(value ?? 'not known'));

const evidence = (rule) => {
    const pairs = Object.entries(rule.evidence);
    return pairs.length === 0 ? null : h('details', {}, h('summary', {}, 'Evidence'),
        facts(pairs.map(([name, value]) => [name.replaceAll('_', ' '), h('span', { class: 'written mono' }, evidenceText(value))])));
};

const outcomes = { eligible: ['Eligible', 'ok'], ineligible: ['Not eligible', 'bad'], in_review: ['Needs a person’s look', 'warn'] };

async function decide() {
    try {
        await post(`${path}/decisions`);
        told('Decided anew.');
    } catch (error) {
        told(error.problem?.errors?.[0]?.detail ?? error.message, 'bad');
    }
    draw();
}

function why(app) {
    const d = app.decision;
    const again = app.actions.length > 0 && h('button', { on: { click: decide } }, 'Decide again');
    if (!d) {
        return empty('Not decided yet', 'The rules are asked when the application is submitted.', again);
    }
    return [
        h('div', { class: 'row' }, tag(...outcomes[d.outcome]), d.is_near_boundary && tag('near a boundary', 'warn'),
            h('span', { class: 'small' }, `${d.ruleset.title}, version ${d.ruleset.version}, `, time(d.decided_at)), again),
        h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Rules' }, h('table', { class: 'rules' },
            h('caption', { class: 'hidden' }, 'Rule by rule'),
            h('thead', {}, h('tr', {}, ['Rule', 'Result', 'Why'].map((t) => h('th', { scope: 'col' }, t)))),
            h('tbody', {}, d.rules.map((r) => h('tr', {}, h('th', { scope: 'row' }, ruleText(r.code)), h('td', {}, resultTag(r.result)), h('td', {}, own(r.sentence), evidence(r))))))),
        laterSection('Where it is', async () => placeMap(await get(`/v1/premises/${app.premise_id}/surroundings`))),
        h('details', {}, h('summary', {}, 'What it rests on'), facts([
            ...d.zone_layers.map((l) => [`Zone layer ${l.code}`, `version ${l.version}`]),
            ...d.circuit_lists.map((l) => [`Circuits ${l.designation}`, `version ${l.version}`]),
            ['Generator list', d.generator_list_version && `version ${d.generator_list_version}`],
            ['Hash of the inputs', h('code', {}, d.inputs_hash)],
        ])),
    ];
}

/* -- people and papers ------------------------------------------------------ */

async function details({ app, customer, premise, account }) {
    const { items } = await getAll(`${path}/attestations`, {}, 200);
    const documents = await get(`${path}/documents`);
    return h('div', { class: 'stack' },
        section('Customer', customer ? facts([['Name', nameOf(customer)], ['Phone', customer.phone], ['E-mail', own(customer.email)], ['Medical Baseline', yesNo(customer.medical_baseline)]]) : h('p', { class: 'none' }, 'None of record.')),
        section('Premise', facts([['Code', h('code', {}, premise.code)], ['Meter', premise.meter_number], ['Socket', premise.meter_form], ['Service', premise.service_amps && `${premise.service_amps} A`], ['Voltage', premise.service_voltage], ['Circuit', premise.circuit_id && h('code', {}, premise.circuit_id)], ['Transformer', premise.transformer_id]])),
        section('Account', facts([['Number', h('code', {}, account.number)], ['Kind', account.kind], ['Active', yesNo(account.active)], ['Moved in', account.moved_in]])),
        section('Generator', facts([['Make', own(app.generator.make)], ['Model', own(app.generator.model)], ['Rebated before', yesNo(app.prior_rebate)]])),
        section('Attestations', items.length === 0 ? h('p', { class: 'none' }, 'None kept.') : table({
            caption: 'Attestations', rows: items, columns: [
                { label: 'What', show: (a) => attestationText(a.kind) }, { label: 'Agreed', show: (a) => yesNo(a.agreed) },
                { label: 'By', key: 'given_by' }, { label: 'When', show: (a) => time(a.given_at) }, { label: 'Terms', key: 'terms_version' },
            ] })),
        section('Documents', documents.items.length === 0 ? h('p', { class: 'none' }, 'None yet.') : table({
            caption: 'Documents', rows: documents.items, columns: [
                { label: 'Title', show: (d) => own(d.title), wide: true }, { label: 'Kind', show: (d) => d.kind.replaceAll('_', ' ') },
                { label: 'Reference', show: (d) => own(d.reference) }, { label: 'Received', show: (d) => time(d.received_at) },
            ] })));
}

function notes() {
    const box = h('div', {});
    const read = () => show(box, async () => {
        const { items } = await getAll(`${path}/notes`, {}, 200);
        return items.length === 0 ? h('p', { class: 'none' }, 'No notes yet.') : h('ul', { class: 'timeline' }, items.reverse().map((n) =>
            h('li', {}, h('span', { class: 'small' }, `${n.role}, `, time(n.at)), written(n.text))));
    });
    read();
    return [section('New note', form({
        label: 'New note', submit: 'Keep the note',
        fields: field({ name: 'text', label: 'Note', kind: 'textarea', required: true, maxlength: 10000, 'data-lines': '', help: 'Read by enrolment staff only.' }),
        act: async (values) => {
            await post(`${path}/notes`, values);
            place.querySelector('textarea').value = '';
            told('Note kept.');
            read();
        },
    })), section('Notes', box)];
}

/* -- history ---------------------------------------------------------------- */

const entry = (a) => h('li', {},
    h('div', { class: 'row' }, h('b', {}, actionText(a.action)), h('span', { class: 'small' }, own(a.by ?? 'the server'), `, ${a.role}, `, time(a.at))),
    a.reason && h('p', {}, own(a.reason)),
    a.before ? difference(a.before, a.after, { caption: `${actionText(a.action)}: before and after` })
        : a.after && h('details', {}, h('summary', {}, 'As it was entered'), difference(null, a.after, { caption: 'As it was entered', all: true })));

const history = async () => {
    const { items, more } = await getAll(`${path}/audit`, {}, 400);
    return [h('ul', { class: 'timeline' }, items.map(entry)), more && h('p', { class: 'small' }, 'Older entries are not shown.')];
};

/* -- all of it -------------------------------------------------------------- */

async function read() {
    now = await getTagged(path);
    const app = now.body;
    const [premise, customer, account] = await Promise.all([
        get(`/v1/premises/${app.premise_id}`), app.customer_id && get(`/v1/customers/${app.customer_id}`), get(`/v1/accounts/${app.account_id}`)]);
    const all = { app, premise, customer, account };
    return [h('div', { class: 'columns' },
        h('div', { class: 'stack' }, head(all), tabs('Application', [
            ['why', 'Why', async () => why(app)], ['details', 'Details', () => details(all)], ['notes', 'Notes', async () => notes()], ['history', 'History', history],
        ])),
        actions(app))];
}

const draw = () => show(place, read, 'Application');

page({
    title: `Application ${id}`,
    roles: ['enrolment'],
    render: () => {
        draw();
        return place;
    },
    keys: [
        { keys: 'm', label: 'Assign to me', run: async () => assign((await me()).subject) },
        ...['why', 'details', 'notes', 'history'].map((name, n) => ({ keys: `${n + 1}`, label: `Tab ${n + 1}`, run: () => place.querySelector('.tabbed')?.open(name) })),
    ],
});
