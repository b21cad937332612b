// Words of the grid, of outages and of devices as operators and analysts say them.
import { h, s, tag } from './dom.js';

const kinds = { outage: ['Outage', 'bad'], nested: ['Still dark after it', 'warn'], group: ['Substation', 'info'] };
export const eventKinds = Object.entries(kinds).map(([code, [words]]) => [code, words]);
export const kindTag = (kind) => tag(...(kinds[kind] ?? [kind, 'plain']));

const levels = { premise: 'Home', transformer: 'Transformer', segment: 'Segment', circuit: 'Circuit', substation: 'Substation' };
export const levelChoices = Object.entries(levels);
const levelText = (level) => levels[level] ?? level ?? '';

/** What went out: "Circuit 012345601"; of few homes only the circuit is told to analysts. */
export const whatText = (e) => (e.level && e.level !== 'premise' ? `${levelText(e.level)} ${e.element}` : e.level === 'premise' ? `One home on ${e.circuit_id || 'no known circuit'}` : e.circuit_id ? `On circuit ${e.circuit_id}` : 'Not told');

/** The same with its kind, when that is not plain. */
export const whatCell = (e) => [whatText(e), e.kind !== 'outage' && [' ', kindTag(e.kind)]];

export const stateTag = (e) => (e.state === 'open' ? tag('open', 'bad') : tag('closed', 'plain'));

/** How sure the event is: the number, in a word, and as a bar. */
export function confidence(value) {
    const word = value >= 0.9 ? 'high' : value >= 0.5 ? 'medium' : 'low';
    return h('span', { class: `confidence ${word}` }, s('svg', { viewBox: '0 0 40 8', 'aria-hidden': 'true' }, s('rect', { width: 40, height: 8, rx: 4, class: 'of' }), s('rect', { width: Math.max(3, 40 * value), height: 8, rx: 4, class: 'so-much' })),
        ` ${Math.round(value * 100)} % `, h('span', { class: 'small' }, word));
}

const sources = { feed: 'Outage feed', psps: 'Safety shutoff (PSPS)', epss: 'Fast trip (EPSS)', meter_events: 'The utility’s meters' };
export const sourceText = (source) => sources[source] ?? source;

const statuses = { proposed: ['Proposed', 'info'], confirmed: ['Confirmed', 'ok'], refused: ['Refused', 'plain'] };
export const statusTag = (status) => tag(...(statuses[status] ?? [status, 'plain']));

const severities = { critical: ['Critical', 'bad'], major: ['Major', 'warn'], minor: ['Minor', 'info'] };
export const severityTag = (severity) => tag(...(severities[severity] ?? [severity, 'plain']));
export const severityChoices = Object.entries(severities).map(([code, [words]]) => [code, words]);

const alarmStates = { raised: ['Raised', 'bad'], acknowledged: ['Acknowledged', 'info'], cleared: ['Cleared', 'plain'] };
export const alarmStateTag = (state) => tag(...(alarmStates[state] ?? [state, 'plain']));
export const alarmStateChoices = Object.entries(alarmStates).map(([code, [words]]) => [code, words]);

const alarms = {
    backfeed: 'Backfeed', welded_contact: 'Welded contact', transfer_failed: 'Transfer failed', device_silent: 'Device silent',
    journal_fork: 'Journal fork', records_unaccounted: 'Records unaccounted for',
};
export const alarmChoices = Object.entries(alarms);
export const alarmText = (kind) => alarms[kind] ?? words(kind);

/** Causes by their numbers, as details of alarms have them (api/wire/record.def). */
const causes = { 11: 'generator died', 12: 'generator stopped', 13: 'overload trip', 20: 'no open', 21: 'no close', 22: 'both closed', 23: 'welded', 24: 'backfeed', 25: 'imbalance', 26: 'overload lockout', 27: 'out of window' };
const details = { seq: 'Record', cause: 'Cause', times: 'Times', unaccounted: 'Records', heard_at: 'Last heard' };

/** What an alarm rests on: [[name, value]]. */
export const detailPairs = (detail) => Object.entries(detail ?? {}).map(([name, value]) => [details[name] ?? words(name), name === 'cause' ? causes[value] ?? String(value) : typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '–')]);

/** A name of the protocol in words. */
export const words = (name) => String(name ?? '').replaceAll('_', ' ');

const switchStates = {
    start: 'Starting', on_utility: 'On the utility', open: 'Open: neither source', close_utility: 'Closing to the utility', close_generator: 'Closing to the generator',
    on_generator: 'On the generator', fault_open: 'Fault: open', fault_utility: 'Fault: on the utility',
};
export const switchText = (state) => switchStates[state] ?? words(state);

const commandStates = { queued: ['Queued', 'info'], sent: ['Sent', 'info'], done: ['Done', 'ok'], refused: ['Refused', 'bad'], expired: ['Expired', 'warn'] };
export const commandTag = (state) => tag(...(commandStates[state] ?? [state, 'plain']));

/** Share 0 to 1 as per cent. */
export const percent = (share, digits = 1) => (share === null || share === undefined ? null : `${(100 * share).toFixed(digits)} %`);

/** A whole number with its thousands. */
export const count = (n) => (n === null || n === undefined ? null : n.toLocaleString('en-US'));

/** A measured number with at most so many digits after the point. */
export const number = (n, digits = 2) => (n === null || n === undefined ? null : n.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
