// A verdict as an installer needs it: the answer large, why rule by rule, and what to do about the neutral.
import { h, icon, tag } from '/lib/dom.js';
import { time } from '/lib/time.js';
import { own as bdi } from '/lib/words.js';

const verdicts = {
    compatible: ['Will work', 'ok', 'check', 'works'], conditional: ['Will work, with a condition', 'warn', 'warn', 'with a condition'],
    incompatible: ['Will not work', 'bad', 'cross', 'does not work'], unknown: ['Not known', 'plain', 'dash', 'not known'],
};
const verdictOf = (verdict) => verdicts[verdict] ?? verdicts.unknown;

/** The verdict in a word, for lists. */
export const verdictTag = (verdict) => tag(verdictOf(verdict)[3], verdictOf(verdict)[1]);

const grades = {
    FULL: ['Full power', 'It carries all that the meter lets through: 7,200 W or more while running.'],
    REDUCED: ['Reduced power', 'Outlet and breaker are right, the watts are fewer: the customer switches large loads off.'],
};

const results = { pass: ['Pass', 'ok'], fail: ['Fail', 'bad'], conditional: ['Condition', 'warn'], unknown: ['Not known', 'plain'], not_applicable: ['Does not apply', 'plain'] };
const order = ['fail', 'conditional', 'unknown', 'pass', 'not_applicable'];

const codes = {
    RCPT: 'Outlet', VOLT: 'Voltage', AMPS: 'Amperes', OCP: 'Breaker', NEUT: 'Neutral', CO: 'Carbon monoxide', CARB: 'California certificate',
    ALT: 'Altitude', CORD: 'Cord', BAL: 'Unbalanced legs', LIST: 'List',
};

/** Rule by rule, what stands in the way first. */
export const rulesList = (rules) => h('ul', { class: 'findings' }, [...rules].sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result)).map((r) =>
    h('li', {}, h('div', { class: 'row' }, h('b', {}, codes[r.code] ?? r.code), h('code', {}, r.code), tag(...(results[r.result] ?? [r.result]))), h('p', {}, bdi(r.sentence)))));

const measure = 'Measure it: set off and cool, cord out, nothing plugged in. Ohmmeter from W (neutral) to G (ground) of the L14-30 outlet: close to 0 Ω is bonded, open is floating.';
const neutralAdvice = {
    bonded: ['The neutral of this set is bonded to its frame', [
        'Do not connect it as it is. The house joins neutral and ground at its panel already: a second joint lets current return over the ground wire, and an outlet with GFCI trips at once.',
        'Look in the maker’s manual for a switch, a plug or a kit of the maker that floats the neutral. Nothing else may be opened or cut.',
        'After the change, measure: set off, cord out, from W (neutral) to G (ground) of the L14-30 outlet there must be no continuity. Put a label “floating neutral” at the outlet.',
        'If the maker offers nothing, the answer is no with this set. Tell the customer of a model whose neutral floats.',
    ]],
    switchable: ['The neutral of this set can be switched', [
        'Set it to floating as the maker’s manual says, with the set off.',
        'Measure: from W (neutral) to G (ground) of the L14-30 outlet there must be no continuity.',
        'Show the customer the switch, and label it: floating when it feeds the meter, bonded when it feeds tools on a building site.',
    ]],
    unknown: ['Nobody has told how the neutral of this set is wired', [
        measure,
        'If it is bonded: do not connect it before the maker’s own switch, plug or kit floats it.',
        'Tell the office what you measured, with the serial number of the set.',
    ]],
};

/** What to do about the neutral; nothing when it floats, or when the rule passes anyway. */
export function neutralSteps(verdict) {
    const rule = verdict.rules.find((r) => r.code === 'NEUT');
    const known = neutralAdvice[verdict.neutral];
    if (!known || !rule || ['pass', 'not_applicable'].includes(rule.result)) {
        return null;
    }
    return h('section', { class: 'card advice' }, h('h2', {}, known[0]), h('ol', {}, known[1].map((step) => h('li', {}, step))));
}

/** An answer of GET /v1/compatibility in the shape that verdictCard() takes. */
export const fromServer = (answer) => ({
    make: answer.make, model: answer.model, verdict: answer.verdict, grade: answer.grade, rules: answer.rules,
    neutral: answer.facts?.neutral ?? 'unknown', running_w: answer.facts?.running_w ?? [], fuels: answer.facts?.fuels ?? [],
    listed: answer.listed, reason: answer.reason,
});

/** An entry of the signed list on a day ("2026-11-29"), in the same shape; its dates alone are judged here, as api/generators.md says. */
export function fromList(model, day) {
    const isIn = (!model.valid_from || model.valid_from <= day) && (!model.valid_to || day < model.valid_to);
    if (isIn) {
        return { ...model, listed: true };
    }
    const when = model.valid_from && day < model.valid_from ? `from ${model.valid_from}` : `until ${model.valid_to}`;
    return { ...model, listed: true, verdict: 'incompatible', rules: [{ code: 'LIST', result: 'fail', sentence: `The entry counts ${when} only.` }, ...model.rules] };
}

/** Whether two verdicts say the same. */
export const isSame = (a, b) => a.verdict === b.verdict && (a.grade ?? null) === (b.grade ?? null);

const watts = (v) => v.running_w.length > 0 && v.running_w.map((w, n) => `${w.toLocaleString('en-US')} W${v.fuels[n] ? ` on ${v.fuels[n]}` : ''}`).join(', ');

/** The answer itself: word, sign, grade, and where it comes from. */
export function verdictCard(v, source) {
    const [word, tone, sign] = verdictOf(v.verdict);
    const grade = grades[v.grade];
    return h('section', { class: `answer ${tone}`, 'aria-live': 'polite' },
        h('div', { class: 'answer-head' }, icon(sign), h('div', {}, h('p', { class: 'which' }, bdi([v.make, v.model].filter(Boolean).join(' '))), h('h2', {}, word))),
        grade && v.verdict !== 'incompatible' && h('p', {}, h('b', {}, `${grade[0]} (${v.grade}). `), grade[1]),
        watts(v) && h('p', {}, `Running: ${watts(v)}.`),
        v.reason && h('p', {}, bdi(v.reason)),
        h('div', { class: 'source' }, source));
}

/** "List version 3 of 2026-11-01, signed 9 days ago". */
export const listLine = (list) => h('span', {}, `List version ${list.version}, published `, time(list.published_at, 'date'), ', signed ', time(list.signed_at, 'date'),
    list.days === 0 ? ' (today)' : ` (${list.days} ${list.days === 1 ? 'day' : 'days'} ago)`);
