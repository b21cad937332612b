// The work order of a job: one page to print, with the code that opens the job on a phone.
import { h, icon, link } from '/lib/dom.js';
import { empty } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { time, timeText } from '/lib/time.js';
import { own as bdi, stateText } from '/lib/words.js';
import { fieldPage } from '/installer/frame.js';
import { dayText, hoursText, jobOf, purposeText } from '/installer/jobs.js';
import { currentList } from '/installer/list.js';
import { qrCode } from '/installer/qr.js';
import { fromList, listLine, verdictTag } from '/installer/verdict.js';

const id = new URLSearchParams(location.search).get('id') ?? '';

const checks = [
    ['Panel', ['Meter socket 2S', 'Service 120/240 V, panel 200 A or less', 'Photo of the panel, reference:']],
    ['Meter', ['Serial number:', 'Seated, sealed, no damage', 'Assigned on the phone']],
    ['Works', ['All four lights of the self-test seen', 'Dry transfer: to the generator and back', 'Receipted on the phone']],
    ['Customer', ['Steps explained, sheet left at the panel', 'Cord handed over, 20 ft from the house shown']],
];

async function generatorFacts(app) {
    const { make, model } = app.generator;
    const { list } = await currentList();
    const entry = list?.models.find((m) => m.make.toLowerCase() === make.toLowerCase() && m.model.toLowerCase() === model.toLowerCase());
    if (!entry) {
        return [[['Set', bdi(`${make} ${model}`)]], h('p', { class: 'small' }, list ? 'Not on the list: the verdict is the office’s.' : 'No list on this phone: ask for the verdict with a network.')];
    }
    const v = fromList(entry, new Date().toISOString().slice(0, 10));
    const open = v.rules.filter((r) => ['fail', 'conditional', 'unknown'].includes(r.result)).slice(0, 4);
    return [[['Set', bdi(`${make} ${model}`)], ['Verdict', verdictTag(v.verdict)], ['Grade', v.grade], ['Neutral', v.neutral], ['Running', v.running_w.map((w) => `${w.toLocaleString('en-US')} W`).join(', ')]],
        h('div', {}, open.length > 0 && h('ul', { class: 'tight' }, open.map((r) => h('li', {}, h('code', {}, r.code), ' ', bdi(r.sentence)))), h('p', { class: 'small' }, listLine(list)))];
}

async function render() {
    if (!/^\d{1,16}$/.test(id)) {
        return empty('Which job?', 'Open a work order from its job.', link('/installer/jobs', 'Jobs'));
    }
    const { body, at, isOld } = await jobOf(id);
    const { app, premise, planned, appointments } = body;
    const visit = planned ?? appointments.at(-1);
    const address = `${location.origin}/installer/job?id=${app.id}`;
    const [set, why] = await generatorFacts(app);
    return h('div', { class: 'stack' },
        h('div', { class: 'actions no-print' }, h('button', { class: 'primary', on: { click: () => print() } }, icon('print'), 'Print'), h('a', { class: 'button', href: `/installer/job?id=${app.id}` }, 'The job')),
        h('article', { class: 'sheet order' },
            h('header', { class: 'order-head' }, h('div', {}, h('p', { class: 'small' }, 'Backup Power Transfer Meter'), h('h2', {}, `Work order ${app.id}`),
                h('p', { class: 'order-place' }, bdi(premise.address), h('br'), bdi(`${premise.city} ${premise.postal_code}`))),
            h('div', { class: 'order-code' }, await qrCode(address, `Code with the address of this job: ${address}`) ?? h('p', { class: 'small' }, 'Code not in this build'), h('p', { class: 'small mono' }, address.replace(/^https?:\/\//, '')))),
            h('section', { class: 'sheet-part' }, h('h3', {}, visit ? `${purposeText(visit.purpose)}: ${dayText(visit.starts_at)}, ${hoursText(visit)}` : 'No appointment'),
                facts([['Crew', bdi(visit?.crew)], ['Application', stateText(app.state)], ['Service point', h('code', {}, premise.code)], ['Meter', premise.meter_number && h('code', {}, premise.meter_number)], ['Socket', premise.meter_form],
                    ['Service', premise.service_amps && `${premise.service_amps} A`], ['Voltage', premise.service_voltage], ['Circuit', premise.circuit_id && h('code', {}, premise.circuit_id)]])),
            h('section', { class: 'sheet-part' }, h('h3', {}, 'Generator'), facts(set), why),
            h('section', { class: 'sheet-part' }, h('h3', {}, 'Checklist'), h('div', { class: 'boxes' }, checks.map(([title, items]) => h('div', {}, h('h4', {}, title), h('ul', {}, items.map((i) => h('li', { class: i.endsWith(':') ? 'fill' : undefined }, i))))))),
            h('section', { class: 'sheet-part signatures' }, h('p', { class: 'fill' }, 'Installer, date:'), h('p', { class: 'fill' }, 'Customer, date:')),
            h('footer', { class: 'small' }, isOld ? ['As of ', time(at), ' (no network when printed). '] : `Printed ${timeText(new Date().toISOString())}. `, 'Has an address: keep it out of sight, destroy it after the job.')));
}

fieldPage({ title: 'Work order', roles: ['installer'], render });
