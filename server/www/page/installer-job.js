// One job: where, when, with which set; its steps; what was entered here and is not with the server yet.
import { h, icon, link, put, tag } from '/lib/dom.js';
import { ask } from '/lib/form.js';
import { empty, told } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own as bdi, stateTag } from '/lib/words.js';
import { fieldPage } from '/installer/frame.js';
import { lampsSeenAt, stepsOf } from '/installer/job-steps.js';
import { dayText, hoursText, jobOf, purposeText } from '/installer/jobs.js';
import { kept } from '/installer/keep.js';
import { currentList } from '/installer/list.js';
import { enter, lastProblem, onOutbox, openEntries } from '/installer/outbox.js';
import { fromList, verdictTag } from '/installer/verdict.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const place = h('div', { class: 'stack' });
const tags = { done: ['Done', 'ok'], mine: ['Kept, not sent', 'warn'], now: ['Next', 'info'], later: ['Later', 'plain'] };

async function keep(what) {
    const { subject } = await kept.get('session');
    const entry = await enter({ job: Number(id), by: subject, ...what });
    const words = {
        sent: ['Sent to the server.', 'ok'], waiting: ['Kept on this phone; it is sent when there is a network.', 'ok'],
        refused: [`The server refused it: ${lastProblem(entry)?.detail ?? lastProblem(entry)?.title}`, 'bad'],
    };
    told(...words[entry.state]);
    await draw();
}

const nobody = (planned) => ask('Nobody was there?', (close) => h('div', { class: 'stack' }, h('p', {}, `The appointment of ${dayText(planned.starts_at)} becomes missed; the office plans another.`),
    h('div', { class: 'actions' }, h('button', { class: 'danger', on: { click: async () => {
        close();
        await keep({ kind: 'appointment', title: `Appointment of ${dayText(planned.starts_at)}: missed`, method: 'PATCH', path: `/v1/appointments/${planned.id}`, body: { status: 'missed' }, etag: planned.etag });
    } } }, 'It was missed'), h('button', { on: { click: () => close() } }, 'Back'))));

async function verdictLine(generator) {
    const { list } = await currentList();
    const entry = list?.models.find((m) => m.make.toLowerCase() === generator.make.toLowerCase() && m.model.toLowerCase() === generator.model.toLowerCase());
    return h('span', { class: 'row' }, link(`/installer/?${new URLSearchParams({ make: entry?.make ?? generator.make, model: entry?.model ?? generator.model })}`, bdi(`${generator.make} ${generator.model}`)),
        entry && verdictTag(fromList(entry, new Date().toISOString().slice(0, 10)).verdict));
}

async function head({ app, premise, planned }, isOld, at) {
    return h('section', { class: 'card' },
        h('div', { class: 'row' }, h('h2', {}, bdi(premise.address)), stateTag(app.state)), h('p', {}, bdi(`${premise.city} ${premise.postal_code}`)),
        planned && h('p', {}, h('b', {}, `${purposeText(planned.purpose)}: `), `${dayText(planned.starts_at)}, ${hoursText(planned)}`),
        isOld && h('p', { class: 'note warn' }, 'No network: this is how it was at ', time(at), '.'),
        facts([['Set', await verdictLine(app.generator)], ['Utility meter', premise.meter_number && h('code', {}, premise.meter_number)], ['Service', [premise.service_voltage, premise.service_amps && `${premise.service_amps} A`].filter(Boolean).join(', ')]]),
        h('div', { class: 'actions stretch' }, h('a', { class: 'button', href: `/installer/order?id=${app.id}` }, icon('print'), 'Work order'), h('a', { class: 'button', href: '/installer/steps' }, icon('sheet'), 'Customer’s steps'),
            planned && h('button', { on: { click: () => nobody(planned) } }, 'Nobody there')));
}

function mineList(mine) {
    return mine.length > 0 && h('section', { class: 'card' }, h('h2', {}, 'Entered on this phone'), h('ul', { class: 'mine' }, mine.map((e) => h('li', {}, h('b', {}, bdi(e.title)), h('span', { class: 'small' }, ' entered ', time(e.at), ' '),
        tag(e.state === 'refused' ? 'refused by the server' : 'not sent yet', e.state === 'refused' ? 'bad' : 'warn')))), link('/installer/outbox', mine.some((e) => e.state === 'refused') ? 'See both sides' : 'Outbox'));
}

let opened; // the step that the person has open

function stepCard(s, n) {
    const box = h('details', { class: `step ${s.state}`, open: opened ? opened === s.name : s.state === 'now' }, h('summary', {}, h('span', { class: 'number-badge', 'aria-hidden': 'true' }, s.state === 'done' ? icon('check') : n + 1), h('span', { class: 'step-title' }, s.title), tag(...tags[s.state])), h('div', { class: 'step-body' }));
    const fill = () => box.open && !box.lastChild.hasChildNodes() && put(box.lastChild, s.state === 'mine' ? h('p', {}, 'It is kept on this phone with its time: see “Entered on this phone”.') : s.body());
    box.addEventListener('toggle', () => {
        fill();
        opened = box.open ? s.name : opened === s.name ? undefined : opened;
    });
    fill();
    return h('li', {}, box);
}

async function draw() {
    const { body, at, isOld } = await jobOf(id);
    const mine = (await openEntries()).filter((e) => String(e.job) === id);
    const lamps = await lampsSeenAt(body.app);
    opened = undefined;
    put(place, await head(body, isOld, at), mineList(mine), h('ol', { class: 'job-steps' }, stepsOf(body, mine, lamps, keep, draw).map(stepCard)));
    return place;
}

fieldPage({
    title: `Job ${id}`,
    roles: ['installer'],
    render: async () => {
        if (!/^\d{1,16}$/.test(id)) {
            return empty('Which job?', 'Open it from the list of jobs.', link('/installer/jobs', 'Jobs'));
        }
        let known = (await openEntries()).length;
        onOutbox(async () => {
            const now = (await openEntries()).length;
            if (now < known && !place.querySelector('form:focus-within')) {
                draw();
            }
            known = now;
        });
        return draw();
    },
});
