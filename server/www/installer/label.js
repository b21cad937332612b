// What the label says, for a set that the list does not know well enough: asked of the server, which has the rules.
import { h, icon, put } from '/lib/dom.js';
import { field, form } from '/lib/form.js';

const unknown = ['', 'Not on the label'];
const yesNo = [unknown, ['yes', 'Yes'], ['no', 'No']];

/** Fields of GET /v1/compatibility by label. */
const fields = () => [
    field({ name: 'receptacle', label: 'Outlet for the cord', kind: 'select', choices: [unknown, ['L14-30R', 'L14-30R (four prongs, 30 A)'], ['L5-30R', 'L5-30R (three prongs, 30 A)'], ['TT-30R', 'TT-30R (camper)'], ['14-50R', '14-50R (50 A)'], ['5-20R', '5-20R (household)']] }),
    field({ name: 'volts', label: 'Volts of that outlet', kind: 'select', choices: [unknown, ['120/240', '120/240, four wires'], ['240', '240 only'], ['120', '120 only']] }),
    field({ name: 'watts', label: 'Running watts (not starting)', kind: 'number', inputmode: 'numeric', min: 1, max: 100000 }),
    field({ name: 'breaker', label: 'Breaker of that outlet, A (0: none)', kind: 'number', inputmode: 'numeric', min: 0, max: 400 }),
    field({ name: 'neutral', label: 'Neutral', kind: 'select', choices: [['', 'Not known'], ['floating', 'Floating'], ['bonded', 'Bonded to the frame'], ['switchable', 'Switchable']] }),
    field({ name: 'gfci', label: 'GFCI on the 240 V outlet', kind: 'select', choices: yesNo }),
    field({ name: 'co_shutoff', label: 'Shuts off on carbon monoxide', kind: 'select', choices: yesNo }),
    field({ name: 'carb', label: 'Certified for California', kind: 'select', choices: yesNo }),
];

/**
 * A form that asks by label.
 * @param ask   (query) -> nodes of the answer; may throw an ApiError
 */
export function labelForm(ask) {
    const place = h('div', { class: 'stack', 'aria-live': 'polite' });
    const made = form({
        label: 'What the label says', submit: 'Ask with this', fields: h('div', { class: 'label-fields' }, fields()),
        act: async (values) => {
            put(place, await ask(Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined))));
            place.scrollIntoView({ block: 'start' });
        },
    });
    return h('details', { class: 'card' }, h('summary', {}, icon('next'), h('b', {}, 'Read it from the label instead')), h('div', { class: 'stack' }, h('p', {}, 'What the list does not know, the label at the set may say. This asks the server.'), made, place));
}
