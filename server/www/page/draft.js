// One version of a zone layer or of a list of circuits: what it is, whom it would move, and to publish it.
import { getAll } from '/lib/api.js';
import { h, tag } from '/lib/dom.js';
import { preview } from '/lib/preview.js';
import { may } from '/lib/session.js';
import { page, section } from '/lib/shell.js';
import { empty } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { own } from '/lib/words.js';

const asked = new URLSearchParams(location.search);
const isLayer = asked.get('kind') === 'zone_layers';
const [name, version] = [asked.get('name') ?? '', asked.get('version') ?? ''];
const place = h('div', {});

page({
    title: isLayer ? `Zone layer ${name}, version ${version}` : `Circuits with ${name}, version ${version}`,
    roles: ['enrolment', 'operator'],
    render: async (session) => {
        const { items: all } = await getAll(isLayer ? '/v1/zone-layers' : '/v1/circuit-lists');
        const one = all.find((l) => (isLayer ? l.code : l.designation) === name && String(l.version) === version);
        if (!one) {
            return empty('There is no such version', 'It may have been asked for by a wrong link.');
        }
        const show = () => preview(place, { [isLayer ? 'zone_layers' : 'circuit_lists']: { [name]: version } }, may(session, ['operator']) && 'Publish it');
        return section('About', h('div', { class: 'row' }, tag(one.active ? 'in force' : one.state, one.active ? 'ok' : 'warn')),
            facts([['Source', own(one.source)], isLayer ? ['Zones', one.zones.toLocaleString('en-US')] : ['Circuits', one.circuits.toLocaleString('en-US')]]),
            !one.active && h('div', { class: 'actions' }, h('button', { on: { click: show } }, 'Preview whom it moves')),
            place,
            !one.active && h('p', { class: 'small' }, 'An operator publishes it. Applications that were decided keep their decision, unless the programme decides again.'));
    },
});
