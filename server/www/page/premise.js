// One premise: what is known of it, where it is, which circuits fed it, its applications.
import { get, getAll } from '/lib/api.js';
import { h, link } from '/lib/dom.js';
import { placeMap } from '/lib/map.js';
import { laterSection, page, section } from '/lib/shell.js';
import { facts, table } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own, stateTag } from '/lib/words.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const path = `/v1/premises/${encodeURIComponent(id)}`;

page({
    title: 'Premise',
    roles: ['enrolment'],
    render: async () => {
        const p = await get(path);
        const { items: links } = await getAll(`${path}/links`, {}, 200);
        const { items: applications } = await get('/v1/applications', { premise_id: p.id });
        return h('div', { class: 'columns' },
            h('div', { class: 'stack' },
                section(own(`${p.address}, ${p.city} ${p.postal_code}`), facts([
                    ['Code', h('code', {}, p.code)], ['Meter', p.meter_number && h('code', {}, p.meter_number)], ['Socket', p.meter_form],
                    ['Service', p.service_amps && `${p.service_amps} A`], ['Voltage', p.service_voltage], ['Circuit', p.circuit_id && h('code', {}, p.circuit_id)],
                    ['Transformer', p.transformer_id], ['Entered', time(p.created_at)],
                ]), p.duplicates.length > 0 && h('p', { class: 'note warn' }, 'The same address is also premise ', p.duplicates.map((d, n) => [n > 0 && ', ', link(`/premise?id=${d}`, String(d))]))),
                section('Applications', h('div', { class: 'actions' }, h('a', { class: 'button', href: `/application-new?premise=${p.id}` }, 'New application')), applications.length === 0 ? h('p', { class: 'none' }, 'None.') : table({
                    caption: 'Applications', rows: applications, href: (a) => `/application?id=${a.id}`, columns: [
                        { label: 'Number', show: (a) => String(a.id), mono: true }, { label: 'Customer', show: (a) => own(a.customer_name), wide: true },
                        { label: 'State', show: (a) => stateTag(a.state) }, { label: 'Since', show: (a) => time(a.state_since) },
                    ] })),
                section('Circuits and transformers', links.length === 0 ? h('p', { class: 'none' }, 'None known.') : table({
                    caption: 'Circuits and transformers', rows: links, columns: [
                        { label: 'What', key: 'kind' }, { label: 'Id', key: 'id', mono: true }, { label: 'From', key: 'valid_from' }, { label: 'To', key: 'valid_to' },
                    ] }))),
            laterSection('Where it is', async () => placeMap(await get(`${path}/surroundings`))));
    },
});
