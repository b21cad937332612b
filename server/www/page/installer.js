// Will this generator work? Make and model in two taps, typed with errors, or scanned; with or without a network.
import { get } from '/lib/api.js';
import { h, icon, link, put, tag } from '/lib/dom.js';
import { empty, problem, show } from '/lib/state.js';
import { time, timeText } from '/lib/time.js';
import { own as bdi } from '/lib/words.js';
import { fieldPage } from '/installer/frame.js';
import { find, indexOf } from '/installer/find.js';
import { labelForm } from '/installer/label.js';
import { currentList, WARN_DAYS } from '/installer/list.js';
import { scan } from '/installer/scan.js';
import { fromList, fromServer, isSame, listLine, neutralSteps, rulesList, verdictCard, verdictTag } from '/installer/verdict.js';

const CHECK_MS = 6000;

let state; // of the list
let index; // of its names
const place = h('div', { class: 'stack' });
const below = h('div', { class: 'stack' });
const today = () => new Date().toISOString().slice(0, 10);
const server = (query) => get('/v1/compatibility', query, { signal: AbortSignal.timeout(CHECK_MS) });

/* -- where we are: in the URL, so that "back" goes back ------------------------- */

const asked = () => Object.fromEntries(new URLSearchParams(location.search));

function go(query) {
    history.pushState(null, '', Object.keys(query).length ? `?${new URLSearchParams(query)}` : '/installer/');
    draw();
    scrollTo(0, 0);
}

const goButton = (query, ...children) => h('button', { type: 'button', class: 'choice', on: { click: () => go(query) } }, children);

/* -- the list, and what is wrong with it ---------------------------------------- */

function listNotes() {
    const { list, refused, isSuperseded, names, isAway } = state;
    return [
        names && h('p', { class: 'note' }, 'This phone has no key to check the list with: answers need a network. ', link('/installer/set-up', 'Set it up')),
        refused && h('div', { class: 'state failed', role: 'alert' }, h('p', { class: 'big' }, 'The list was refused.'), h('p', {}, refused.message),
            h('p', {}, list ? 'The last good list on this phone is used instead.' : 'It is not used. With a network, the server answers itself.'),
            refused.code === 'key' && h('div', { class: 'actions' }, h('a', { class: 'button', href: '/installer/set-up' }, 'Look at the keys'))),
        isSuperseded && h('p', { class: 'note warn' }, 'The office has published a newer list that is not signed yet. What this phone holds may name sets that were recalled: ask when there is a network.'),
        list?.isOld && h('p', { class: 'note warn' }, h('b', {}, `This list is ${list.days} days old. `), `After ${WARN_DAYS} days sets may have been recalled: open this page once with a network.`),
        !list && !names && !refused && isAway && h('p', { class: 'note warn' }, 'There is no network, and no list on this phone yet. Open this page once with a network.'),
    ];
}

/* -- choosing ------------------------------------------------------------------- */

const models = () => state.list?.models ?? state.names ?? [];

function makes() {
    const count = Map.groupBy(models(), (m) => m.make);
    return h('section', {}, h('h2', {}, 'Make'), h('div', { class: 'choices' }, [...count].sort(([a], [b]) => a.localeCompare(b)).map(([make, all]) =>
        goButton({ make }, h('span', {}, bdi(make)), h('span', { class: 'small' }, all.length)))));
}

function modelsOf(make) {
    const all = models().filter((m) => m.make === make);
    if (all.length === 0) {
        return empty('Not on the list', `The list has no sets by ${make}.`);
    }
    return h('section', {}, h('h2', {}, bdi(make)), h('div', { class: 'choices wide' }, all.map((m) => goButton({ make, model: m.model },
        h('span', {}, bdi(m.model), m.fuels.length > 0 && h('span', { class: 'small' }, ` ${m.fuels.join(', ')}`)), m.verdict && verdictTag(fromList(m, today()).verdict)))));
}

function suggestions(text) {
    const found = find(index, text);
    return found.length > 0 && h('div', { class: 'choices wide' }, found.map(({ model: m }) => goButton({ make: m.make, model: m.model },
        h('span', {}, bdi(`${m.make} ${m.model}`)), m.verdict && verdictTag(fromList(m, today()).verdict))));
}

/** What was typed to its end, or scanned: the one set that it names, or a choice. */
function search(text) {
    const [sure] = find(index, text).filter((f) => f.isSure);
    go(sure ? { make: sure.model.make, model: sure.model.model, q: text } : { q: text });
}

async function scanLabel() {
    const text = await scan('Scan the label of the generator', 'The square code on the label, or on the carton.');
    if (text) {
        search(text.slice(0, 120));
    }
}

function searchForm(text = '') {
    const below = h('div', { 'aria-live': 'polite' });
    const input = h('input', { type: 'search', id: 'generator', name: 'q', 'data-search': true, value: text, maxlength: 120, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', placeholder: 'Honda EU7000 …', on: {
        input: () => put(below, input.value.trim().length > 1 && suggestions(input.value)),
    } });
    return h('section', { class: 'card' }, h('form', { class: 'filters-none', role: 'search', 'aria-label': 'Generator', on: { submit: (event) => {
        event.preventDefault();
        if (input.value.trim()) {
            search(input.value.trim());
        }
    } } }, h('label', { for: 'generator' }, 'Make and model, as far as you know'),
    h('div', { class: 'ask-row' }, input, h('button', { class: 'primary', type: 'submit' }, 'Ask'),
        h('button', { type: 'button', class: 'scan', on: { click: scanLabel } }, icon('camera'), 'Scan'))), below);
}

/* -- answering ------------------------------------------------------------------ */

const why = (v) => v.rules.length > 0 && h('section', { class: 'card' }, h('h2', {}, 'Why'), rulesList(v.rules));

function answer(v, source, more) {
    return [h('div', { class: 'stack' }, verdictCard(v, source), more, neutralSteps(v), why(v), more !== null && v.verdict === 'unknown' && labelForm(byLabel),
        h('p', { class: 'small' }, 'Altitude and cord depend on the place and are not in this answer: a set loses about 3.5 % of its power for every 1,000 ft, and the cord has four conductors of AWG 10 or thicker.'))];
}

/** An answer by what the label says; it has no list and no name. */
const byLabel = async (query) => answer({ ...fromServer(await server(query)), make: 'By its label', model: '' }, h('span', {}, 'The server’s answer to what you read, ', timeText(new Date().toISOString())), null);

const serverLine = (a) => h('span', {}, 'The server’s answer', a.list && `, list version ${a.list.version}`, ', ', timeText(new Date().toISOString()));

/** From the list at once; then the server is asked, when it can be, and a difference is said. */
function fromListChecked(entry) {
    const v = fromList(entry, today());
    const box = h('div', {}, h('p', { class: 'small' }, 'Asking the server …'));
    const node = h('div', {});
    put(node, answer(v, listLine(state.list), box));
    server({ make: entry.make, model: entry.model }).then((a) => {
        const now = fromServer(a);
        if (isSame(now, v)) {
            put(box, h('p', {}, tag('The server says the same', 'ok'), h('span', { class: 'small' }, ` ${timeText(new Date().toISOString())}`)));
        } else {
            put(node, answer(now, serverLine(a), h('p', { class: 'note warn' }, 'The list on this phone says otherwise (', verdictTag(v.verdict), '): what the server says counts.')));
        }
    }).catch((error) => put(box, h('p', {}, tag(error.status === 0 ? 'No network: the signed list alone' : `The server did not answer (${error.status})`, 'warn'))));
    return node;
}

async function byServer(query) {
    try {
        const a = await server(query);
        const candidates = a.match?.candidates ?? [];
        return [answer(fromServer({ ...a, make: a.make ?? query.q ?? query.make, model: a.model ?? query.model }), serverLine(a),
            a.verdict === 'unknown' && !a.listed ? h('p', { class: 'note' }, 'The list does not have this set. That is no “no”: the office can decide on its papers.') : undefined),
        candidates.length > 0 && !a.listed && h('section', { class: 'card' }, h('h2', {}, 'Did you mean'), h('div', { class: 'choices wide' }, candidates.map((c) => goButton({ make: c.make, model: c.model }, bdi(`${c.make} ${c.model}`)))))];
    } catch (error) {
        return error.status === 0 ? empty('There is no network', state.list ? 'The list on this phone does not have this set: its answer is not known.' : 'Without the list on this phone only the server can answer.') : problem(error);
    }
}

async function byText(q) {
    const found = suggestions(q);
    if (found) {
        return h('section', { class: 'card' }, h('h2', {}, 'Which one is it?'), h('p', {}, 'Asked for: ', h('b', {}, bdi(q))), found,
            h('button', { on: { click: () => show(below, () => byServer({ q })) } }, 'None of these'));
    }
    return byServer({ q });
}

function content({ make, model, q }) {
    const entry = make && model && state.list?.models.find((m) => m.make === make && m.model === model);
    if (entry) {
        return [q && plainNote(q), fromListChecked(entry)];
    }
    if (make && model) {
        return byServer({ make, model });
    }
    if (q) {
        return byText(q);
    }
    return make ? modelsOf(make) : models().length > 0 && makes();
}

const plainNote = (q) => h('p', { class: 'small' }, 'Understood from: ', h('b', {}, bdi(q)));

function footer() {
    const { list, key } = state;
    if (asked().model || asked().q) {
        return h('p', { class: 'small list-line' }, link('/installer/set-up', 'About the list'));
    }
    return h('p', { class: 'small list-line' }, list ? [listLine(list), `; ${list.models.length} sets; signed with key `, h('code', {}, key.kid), '. '] : 'No list on this phone. ',
        link('/installer/set-up', 'About the list'));
}

function draw() {
    const query = asked();
    const isStart = !query.make && !query.q;
    const back = () => go(query.model && !query.q && models().length ? { make: query.make } : {});
    put(place, listNotes(),
        isStart ? searchForm() : h('div', {}, h('button', { class: 'back', on: { click: back } }, icon('next'), query.model && !query.q ? bdi(query.make) : 'All makes')),
        below, footer());
    show(below, () => content(query), 'The answer');
}

fieldPage({
    title: 'Will this generator work?',
    roles: ['installer', 'enrolment'],
    render: async () => {
        state = await currentList();
        index = indexOf(models().map((m) => ({ ...m, aliases: m.aliases ?? [] })));
        addEventListener('popstate', draw);
        draw();
        return place;
    },
});
