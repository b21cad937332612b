// The steps of a job: survey, photo, meter, lights, dry transfer. Each says what is known and takes what is entered.
import { get, post } from '/lib/api.js';
import { h, icon, put, tag } from '/lib/dom.js';
import { field, form } from '/lib/form.js';
import { problem } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { time, timeText } from '/lib/time.js';
import { own as bdi } from '/lib/words.js';
import { own } from './keep.js';
import { allOn, lights } from './lights.js';
import { canCheck, hexOf } from './signed.js';
import { scan } from './scan.js';

const LOOK_MS = 700, LOOK_FOR_MS = 90_000;
const SERIAL = /^[A-Z0-9][A-Z0-9-]{2,23}$/;
const AMPS_MOST = 200, SOCKET = '2S';

const sleep = (ms) => new Promise((next) => setTimeout(next, ms));
const nowText = () => new Date().toISOString();

/** Draw again and again while the place is on the page, until `draw` gives true or a while has passed. */
async function watch(node, draw) {
    const end = Date.now() + LOOK_FOR_MS;
    do {
        if (document.hidden === false && await draw()) {
            return;
        }
        await sleep(LOOK_MS);
    } while (node.isConnected && Date.now() < end);
}

/* -- 1 the panel ---------------------------------------------------------------- */

function surveyFacts(v) {
    return facts([['Result', tag(v.result === 'installable' ? 'can go in' : 'rejected', v.result === 'installable' ? 'ok' : 'bad')], ['Socket', v.socket_form], ['Panel', v.panel_amps && `${v.panel_amps} A`], ['Crew', v.crew], ['Visited', time(v.visited_at)], v.reason && ['Reason', bdi(v.reason)]]);
}

function surveyForm({ app, premise }, enter) {
    const judge = () => {
        const { socket_form: socket, panel_amps: amps, result, crew, licence } = made.elements;
        const isFit = socket.value === SOCKET && Number(amps.value) > 0 && Number(amps.value) <= AMPS_MOST;
        const isKnown = socket.value && amps.value;
        put(said, isKnown && h('p', { class: `note ${isFit ? 'good' : 'warn'}` }, isFit ? 'A 2S socket and 200 A or less: the meter can go in.' : `The meter takes a ${SOCKET} socket and a panel of ${AMPS_MOST} A or less.`));
        if (isKnown && !result.dataset.touched) {
            result.value = isFit ? 'installable' : 'rejected';
        }
        made.querySelector('[data-name="reason"]').hidden = result.value !== 'rejected';
        licence.closest('.field').hidden = crew.value !== 'electrician';
    };
    const said = h('div', { 'aria-live': 'polite' });
    const made = form({
        label: 'Panel survey', submit: 'Keep the survey',
        fields: [
            field({ name: 'socket_form', label: 'Form of the meter socket', kind: 'select', choices: [['', 'Choose'], '2S', '1S', '3S', '4S', '9S', '12S', '16S', '25S'], required: true, help: premise.meter_form ? `On record: ${premise.meter_form}.` : undefined }),
            field({ name: 'panel_amps', label: 'Main breaker of the panel, A', kind: 'number', inputmode: 'numeric', min: 1, max: 4000, required: true, help: premise.service_amps ? `On record: ${premise.service_amps} A.` : undefined }),
            field({ name: 'crew', label: 'Who looked', kind: 'select', choices: [['utility', 'Utility crew'], ['electrician', 'Licensed electrician']] }),
            field({ name: 'licence', label: 'Licence of the electrician', maxlength: 40 }),
            said,
            field({ name: 'result', label: 'Result', kind: 'select', choices: [['', 'Choose'], ['installable', 'The meter can go in'], ['rejected', 'Rejected on site']], required: true }),
            field({ name: 'reason', label: 'Why it was rejected', kind: 'textarea', maxlength: 500, help: 'The customer’s letter quotes it, and it is kept for ever: of the panel, nothing personal.' }),
        ],
        act: ({ socket_form, panel_amps, crew, licence, result, reason }) => enter({
            kind: 'visit', title: `Panel survey: ${result === 'installable' ? 'can go in' : 'rejected'}, ${socket_form}, ${panel_amps} A`, path: `/v1/applications/${app.id}/visits`,
            body: { visited_at: nowText(), crew, socket_form, panel_amps: Number(panel_amps), result, ...(crew === 'electrician' && licence && { licence }), ...(result === 'rejected' && reason && { reason }) },
        }),
    });
    made.elements.result.addEventListener('change', () => {
        made.elements.result.dataset.touched = 'yes';
    });
    made.addEventListener('input', judge);
    judge();
    return made;
}

/* -- 2 the photo ---------------------------------------------------------------- */

function photoForm({ app }, enter) {
    const picture = h('input', { type: 'file', accept: 'image/*', capture: 'environment', id: 'panel-photo' });
    const made = form({
        label: 'Photo of the panel', submit: 'Keep the reference',
        fields: [
            h('div', { class: 'field' }, h('label', { for: 'panel-photo' }, 'Picture, if it is on this phone'), picture, h('p', { class: 'help' }, 'It stays here; only its fingerprint is kept, to prove later which picture it was.')),
            field({ name: 'reference', label: 'Where the picture is', required: true, maxlength: 500, help: 'Number in the document system, or the name of the file.' }),
        ],
        act: async ({ reference }) => {
            const file = picture.files[0];
            const sha256 = file && canCheck() && hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())));
            await enter({ kind: 'photo', title: `Photo of the panel: ${reference}`, path: `/v1/applications/${app.id}/documents`,
                body: { kind: 'panel_photo', title: `Panel, ${timeText(nowText())}`, reference, ...(sha256 && { sha256 }) } });
        },
    });
    picture.addEventListener('change', () => {
        const { reference } = made.elements;
        reference.value ||= picture.files[0]?.name ?? '';
    });
    return made;
}

/* -- 3 the meter ---------------------------------------------------------------- */

/** The serial number in what was scanned: alone, or inside an address or a list of values. */
const serialIn = (text) => text.trim().toUpperCase().split(/[^A-Z0-9-]+/).filter((word) => SERIAL.test(word) && /\d/.test(word)).pop() ?? '';

async function lookUp(serial, where) {
    try {
        const d = await get(`/v1/devices/${serial}`, {}, { signal: AbortSignal.timeout(6000) });
        put(where, d.assignment ? h('p', { class: 'note warn' }, 'This meter is in place somewhere already.') : h('p', { class: 'note good' }, `${d.model.name} by ${d.model.maker}, ${d.state}, in stock.`));
    } catch (error) {
        put(where, error.status === 404 ? h('p', { class: 'note warn' }, 'No meter with this serial number is registered, or it is with another crew.')
            : h('p', { class: 'small' }, 'Without a network the serial number is not checked now.'));
    }
}

function meterForm({ app, premise }, enter) {
    const said = h('div', { 'aria-live': 'polite' });
    const made = form({
        label: 'The meter', submit: 'The meter is in', fields: [
            field({ name: 'serial', label: 'Serial number of the meter', required: true, maxlength: 24, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false' }), said],
        act: async ({ serial }) => {
            const name = serial.toUpperCase();
            if (!SERIAL.test(name)) {
                throw Object.assign(new Error('no serial number'), { problem: { title: 'this is no serial number', errors: [{ pointer: '/serial', detail: 'has 3 to 24 letters, digits and dashes' }] } });
            }
            await enter({ kind: 'meter', title: `Meter ${name} put in`, path: `/v1/devices/${name}/assignments`, body: { premise_id: premise.id, application_id: app.id, from: nowText() } });
        },
    });
    const { serial } = made.elements;
    serial.addEventListener('change', () => SERIAL.test(serial.value.toUpperCase()) && lookUp(serial.value.toUpperCase(), said));
    made.querySelector('.actions').append(h('button', { type: 'button', on: { click: async () => {
        const text = await scan('Scan the meter', 'The square code on the meter’s label.');
        if (text) {
            serial.value = serialIn(text);
            serial.dispatchEvent(new Event('change'));
        }
    } } }, icon('camera'), 'Scan'));
    return made;
}

/* -- 4 the lights --------------------------------------------------------------- */

const lampsKey = (app) => `lamps:${app.id}`;

/** When all four lights were seen at the meter, as this phone keeps it. */
export const lampsSeenAt = (app) => own.get(lampsKey(app));

function lightsStep({ app, device }, redraw) {
    const live = h('div', {}, lights(device)), said = h('div', { 'aria-live': 'polite' });
    const path = `/v1/devices/${device.serial}`;
    const seen = h('button', { on: { click: async () => {
        await own.set(lampsKey(app), nowText());
        redraw();
    } } }, icon('check'), 'I see all four lights on');
    const start = h('button', { class: 'primary', on: { click: async () => {
        start.setAttribute('aria-disabled', 'true');
        put(said, h('p', { class: 'small' }, 'Asking the meter to test itself …'));
        try {
            await post(`${path}/commands`, { command: 'self_test', expires_in_s: 120 });
            await watch(live, async () => {
                const now = await get(path);
                put(live, lights(now));
                if (allOn(now)) {
                    seen.classList.add('primary');
                    put(said, h('p', { class: 'note good' }, 'The meter says: all four lights are on, ', time(now.status.as_of), '.'));
                }
                return allOn(now);
            });
        } catch (error) {
            put(said, problem(error));
        }
        start.removeAttribute('aria-disabled');
    } } }, 'Start the self-test');
    return h('div', { class: 'stack' }, h('p', {}, 'The meter tests itself and lights all four lamps for 5 seconds. Look at the meter itself: this page shows what it reports.'), live, said, h('div', { class: 'actions' }, start, seen));
}

/* -- 5 the dry transfer ---------------------------------------------------------- */

const recordLine = (label, r, extra) => h('li', { class: r?.receipted ? 'is-done' : '' }, icon(r ? 'check' : 'dash'), h('span', {}, h('b', {}, label), ' ',
    r ? [`record ${r.seq}, `, time(r.at), ' ', tag(r.receipted ? 'receipted' : 'no receipt yet', r.receipted ? 'ok' : 'warn'), extra] : h('span', { class: 'none' }, 'not in the journal yet')));

const journal = (check) => h('ul', { class: 'journal' }, recordLine('Self-test', check.self_test, check.self_test && !check.self_test.passed && [' ', tag('did not pass', 'bad')]),
    recordLine('To the generator', check.transfer), recordLine('Back to the utility', check.return));

function transferStep({ app, check }, lamps, enter) {
    const live = h('div', {}, journal(check)), lacking = h('div', { 'aria-live': 'polite' });
    const finish = h('button', { class: 'primary', on: { click: () => enter({
        kind: 'done', title: 'Meter put to work', path: `/v1/applications/${app.id}/commissionings`, body: { lamps_seen_at: lamps, done_at: nowText() } }) } }, icon('check'), 'Put to work');
    const draw = (c) => {
        put(live, journal(c));
        put(lacking, c.lacking.length > 0 ? h('ul', { class: 'tight' }, c.lacking.map((l) => h('li', {}, bdi(l.sentence)))) : h('p', { class: 'note good' }, 'The meter’s journal has all of it, receipted.'));
        return c.lacking.length === 0;
    };
    draw(check);
    setTimeout(() => watch(live, async () => {
        try {
            return draw(await get(`/v1/applications/${app.id}/meter-check`, {}, { signal: AbortSignal.timeout(6000) }));
        } catch {
            return false; // no network now: what is shown stays
        }
    }));
    return h('div', { class: 'stack' }, h('ol', { class: 'tight' }, h('li', {}, 'Main breaker of the panel OFF: no load.'), h('li', {}, 'Connect and start the generator; wait for GEN. PWR ON.'),
        h('li', {}, 'Interrupt the utility at the test position; the meter transfers.'), h('li', {}, 'Give the utility back; the meter returns by itself. Generator off, cord out, breaker ON.')),
    live, lacking, lamps ? null : h('p', { class: 'note warn' }, 'First the lights: nobody has said that all four were seen.'), h('div', { class: 'actions' }, lamps && finish));
}

/* -- all of them ------------------------------------------------------------------ */

const known = (list, show) => h('div', { class: 'stack' }, list.map(show));

/**
 * The steps of a job: [{ name, title, state, body() }]; state: done, mine (entered here, not with the server), now, later.
 * @param mine   entries of the outbox for this job that are not done
 * @param lamps  when the lights were seen
 */
export function stepsOf(job, mine, lamps, enter, redraw) {
    const { visits, documents, check, commissionings, device } = job;
    const photos = documents.filter((d) => d.kind === 'panel_photo');
    const has = (kind) => mine.some((e) => e.kind === kind);
    const steps = [
        { name: 'visit', title: 'Panel: 2S socket, 200 A or less', isDone: visits.length > 0, body: () => (visits.length ? known(visits.slice(-1), surveyFacts) : surveyForm(job, enter)) },
        { name: 'photo', title: 'Photo of the panel', isDone: photos.length > 0, body: () => [photos.length > 0 && known(photos, (p) => facts([['Reference', bdi(p.reference)], ['Title', bdi(p.title)], ['Fingerprint', p.sha256 && h('code', {}, `${p.sha256.slice(0, 16)}…`)]])), photoForm(job, enter)] },
        { name: 'meter', title: 'Meter: serial number', isDone: Boolean(check.device), body: () => (check.device ? facts([['Serial', h('code', {}, check.device)], ['In since', time(check.since)], ['Model', device?.model.name]]) : meterForm(job, enter)) },
        { name: 'lights', title: 'Lights of the self-test', isDone: Boolean(lamps) || commissionings.length > 0, body: () => [lamps && h('p', { class: 'note good' }, 'All four lights seen ', time(lamps), '.'), device ? lightsStep(job, redraw) : h('p', {}, 'When the meter is in and with the server, its lights are shown here as it reports them.')] },
        { name: 'done', title: 'Dry transfer, receipted', isDone: commissionings.length > 0, body: () => (commissionings.length ? known(commissionings.slice(-1), (c) => facts([['Put to work', time(c.done_at)], ['Lights seen', time(c.lamps_seen_at)], ['Self-test', `record ${c.self_test_seq}`], ['Transfer', `record ${c.transfer_seq}`], ['Return', `record ${c.return_seq}`]])) : transferStep(job, lamps, enter)) },
    ];
    const first = steps.find((s) => !s.isDone && !has(s.name));
    return steps.map((s) => ({ ...s, state: s.isDone ? 'done' : has(s.name) ? 'mine' : s === first ? 'now' : 'later' }));
}

