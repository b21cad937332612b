// Who holds a meter: where it is, what may be done with it, and from hand to hand so far.
import { get, post } from './api.js';
import { h, put, tag } from './dom.js';
import { ask, field, form } from './form.js';
import { show, told } from './state.js';
import { facts, table } from './table.js';
import { time } from './time.js';
import { own } from './words.js';

const states = {
    maker: ['not received', 'plain'], warehouse: ['in the warehouse', 'ok'], crew: ['with a crew', 'ok'], premise: ['at a home', 'ok'],
    returned: ['taken out', 'warn'], lost: ['lost', 'bad'], stolen: ['stolen', 'bad'], scrapped: ['scrapped', 'plain'],
};
export const stateChoices = Object.entries(states).map(([code, [words]]) => [code, words]);
export const custodyTag = (state) => tag(...(states[state] ?? [state, 'plain']));

const actions = {
    receive: ['Receive', 'received'], move: ['Move', 'moved'], hand_out: ['Hand out', 'handed out'], hand_over: ['Hand over', 'handed over'], hand_back: ['Hand back', 'handed back'],
    install: ['Install', 'put in'], remove: ['Remove', 'taken out'], remove_lost: ['Remove', 'gone from the home'], scrap: ['Scrap', 'scrapped'], lose: ['Report lost', 'reported lost'],
    report_stolen: ['Report stolen', 'reported stolen'], find: ['Found', 'found'],
};
const word = (action, n) => actions[action]?.[n] ?? action;

export const holderText = (c) => (c.premise_id ? `Premise ${c.premise_id}` : own(c.holder));

const cut = 'Its certificates are revoked and its connection ends.';
const ends = { lost: cut, stolen: cut, scrapped: `${cut} Nothing that it sends is taken any more, also records that it has not delivered yet; there is no way back.` };

/** Ask who gets it and why, and do it; resolves with the ledger as it is then, or undefined. */
const move = (path, serial, a) => ask(word(a.action, 0), (close) => form({
    label: word(a.action, 0), submit: word(a.action, 0), cancel: () => close(),
    fields: [h('p', {}, h('code', {}, serial)),
        a.gives_to && field({ name: 'to', label: a.gives_to === 'crew' ? 'Crew that gets it' : 'Warehouse that gets it', required: true, maxlength: 80 }),
        ends[a.to_state] && h('p', {}, ends[a.to_state]),
        field({ name: 'reason', label: 'Reason', required: a.needs_reason, maxlength: 500, help: 'Kept for ever, with the entry: nothing personal.' })],
    act: async (values) => {
        close(await post(path, { action: a.action, ...values }));
        told(`${serial} is ${word(a.action, 1)}.`);
    },
}));

/** What has become of its certificates, where an entry ends them. */
const revocation = (e) => e.revokes && (e.revoked_at ? [' certificates revoked ', time(e.revoked_at)] : [' ', tag('certificates to be revoked', 'warn')]);

const entriesTable = (items) => table({ caption: 'From hand to hand', rows: items, columns: [
    { label: 'Entry', show: (e) => String(e.nth), mono: true }, { label: 'Since', show: (e) => time(e.since) }, { label: 'What', show: (e) => word(e.action, 1) },
    { label: 'Then', show: (e) => [custodyTag(e.state), revocation(e)] }, { label: 'With', show: holderText }, { label: 'Reason', show: (e) => own(e.reason), wide: true }, { label: 'By', key: 'role' },
] });

/** All of it for a device; it draws itself anew after each move. */
export function custodyView(serial) {
    const path = `/v1/devices/${encodeURIComponent(serial)}/custody`, box = h('div', { class: 'stack' });
    const moved = async (a) => {
        const fresh = await move(path, serial, a);
        if (fresh) {
            put(box, drawn(fresh));
        }
    };
    const drawn = (c) => [
        facts([['Now', custodyTag(c.state)], ['With', holderText(c)], ['Since', time(c.since)]]),
        h('div', { class: 'actions' }, c.actions.filter((a) => a.refusals.length === 0).map((a) => h('button', { type: 'button', on: { click: () => moved(a) } }, word(a.action, 0)))),
        c.entries.length === 0 ? h('p', { class: 'none' }, 'It has not come from its maker yet.') : entriesTable([...c.entries].reverse()),
    ];
    show(box, async () => drawn(await get(path)), 'Custody');
    return box;
}
