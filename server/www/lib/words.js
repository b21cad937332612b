// Words of the programme as staff say them.
import { h, tag } from './dom.js';

const states = {
    draft: ['Draft', 'plain'], submitted: ['Submitted', 'info'], in_review: ['In review', 'warn'],
    needs_information: ['Needs information', 'warn'], ineligible: ['Not eligible', 'bad'], eligible: ['Eligible', 'ok'],
    waitlisted: ['Waiting list', 'info'], approved: ['Approved', 'ok'], scheduled: ['Scheduled', 'info'],
    installable: ['Installable', 'ok'], rejected_on_site: ['Rejected on site', 'bad'], installed: ['Installed', 'ok'],
    closed: ['Closed', 'plain'], withdrawn: ['Withdrawn', 'plain'], removed: ['Removed', 'plain'],
};

/** All states in the order of life: [[code, words]]. */
export const stateChoices = Object.entries(states).map(([code, [words]]) => [code, words]);

export const stateText = (state) => states[state]?.[0] ?? state;

/** The state of an application as a tag. */
export const stateTag = (state) => tag(...(states[state] ?? [state, 'plain']));

const actions = {
    submit: 'Submit', review: 'Take into review', ask: 'Ask the customer', resume: 'Resume', approve: 'Approve', waitlist: 'Put on the waiting list',
    schedule: 'Schedule', unschedule: 'Cancel the visit', confirm: 'Confirm installable', reject: 'Reject on site', install: 'Mark installed',
    remove: 'Remove the device', reopen: 'Reopen', withdraw: 'Withdraw', close: 'Close', move_out: 'Customer moved out', merge: 'Merged',
    decide_eligible: 'Decided: eligible', decide_in_review: 'Decided: in review', decide_ineligible: 'Decided: not eligible', promote: 'Moved up from the waiting list',
    create: 'Entered', change: 'Changed', erase: 'Erased',
};

export const actionText = (action) => actions[action.replace(/^application\./, '')] ?? action.replaceAll(/[._]/g, ' ');

const results = { pass: ['Pass', 'ok'], fail: ['Fail', 'bad'], unknown: ['Unknown', 'warn'], not_applicable: ['Does not apply', 'plain'] };
export const resultTag = (result) => tag(...(results[result] ?? [result, 'plain']));

const rules = {
    AREA: 'Area', ACCOUNT: 'Account', VOLTAGE: 'Service voltage', PANEL: 'Panel', METER: 'Meter socket', TENURE: 'Owner or permission',
    ACCESS: 'Site access', SURVEY: 'Survey', MEDICAL: 'Medical Baseline', GENERATOR: 'Generator', REBATE: 'Prior rebate', BUSINESS: 'Business meter', OWNER: 'Owner or permission',
};
export const ruleText = (code) => rules[code] ?? code;

const attestations = {
    owner_or_permission: 'Owner, or has the owner’s permission', owner: 'Owner', owner_permission: 'Owner’s permission', access: 'Site access agreed', access_agreed: 'Site access agreed',
    survey: 'Survey agreed', survey_agreed: 'Survey agreed', medical_needs_not_compromised: 'Medical needs are not compromised', medical_needs_met_in_shutoff: 'Medical needs can be met in a shutoff',
};
export const attestationText = (kind) => attestations[kind] ?? kind.replaceAll('_', ' ');

/** Yes, no or not said, by word and sign. */
export const yesNo = (value) => (value === null || value === undefined ? tag('not said', 'plain') : value ? tag('yes', 'ok') : tag('no', 'bad'));

/** Free text as it was written: its lines, its direction, long ones folded; null is of a person who was erased. */
export function written(text) {
    if (text === null) {
        return h('p', { class: 'none' }, 'Erased.');
    }
    const body = h('p', { class: 'written', dir: 'auto' }, text);
    return text.length <= 600 ? body : h('details', {}, h('summary', {}, h('bdi', {}, `${text.slice(0, 120)} …`), h('span', { class: 'small' }, ` ${text.length.toLocaleString('en-US')} characters`)), body);
}

/** A name or address: its direction is its own, whatever stands beside it. */
export const own = (text) => (text === null || text === undefined || text === '' ? null : h('bdi', {}, text));

/** The name of a customer, who may have been erased. */
export const nameOf = (customer) => own(customer.name) ?? 'Erased';
