// Drafts before they are in force: whom they move, programme by programme; then they may be published.
import { get, post } from './api.js';
import { h, put } from './dom.js';
import { empty, loading, problem, told } from './state.js';
import { table } from './table.js';
import { own } from './words.js';

/** The page of a version of a zone layer or of a list of circuits. */
export const draftPath = (kind, name, version) => `/draft?kind=${kind}&name=${encodeURIComponent(name)}&version=${version}`;

const busy = (p) => p.state === 'waiting' || p.state === 'running';

/** A preview when it is over; one at a time is made, and a large territory takes a minute. */
async function over(p) {
    for (let one = p; ; one = await get(`/v1/previews/${p.id}`)) {
        if (!busy(one)) {
            if (one.state !== 'done') {
                throw new Error(`The preview for ${p.programme} is ${one.state}${one.note ? `: ${one.note}` : ''}`);
            }
            return one;
        }
        await new Promise((done) => { setTimeout(done, 500); });
    }
}

const counts = ({ programme, counts: c }) => ({ programme, ...c });
const moves = async (p) => (await get(`/v1/previews/${p.id}/changes?limit=20`)).items.map((c) => ({ ...c, programme: p.programme }));

/** Do something that changes the drafts, say so in `place` when it fails, and go to the list of publications. */
export async function act(place, does, text) {
    try {
        await does();
        told(text);
        setTimeout(() => location.assign('/publications'), 900);
    } catch (error) {
        put(place, problem(error));
    }
}

/**
 * Show in `place` whom drafts (members of a preview's body) move, by each programme with rules in force, with a
 * button to publish them that says `label`; null: who looks may not.
 */
export async function preview(place, drafts, label) {
    try {
        put(place, loading('Every premise is judged'));
        const { items } = await get('/v1/programmes');
        const asked = [];
        for (const p of items.filter((one) => one.ruleset)) {
            asked.push(await post('/v1/previews', { programme: p.code, ...drafts }));
        }
        const made = await Promise.all(asked.map(over));
        const moved = (await Promise.all(made.map(moves))).flat();
        const number = (key) => (r) => r[key].toLocaleString('en-US');
        put(place, table({ caption: 'Whom it moves', rows: made.map(counts), columns: [
            { label: 'Programme', show: (r) => own(r.programme) }, { label: 'Eligible now', show: number('eligible_before'), number: true }, { label: 'Then', show: number('eligible_after'), number: true },
            { label: 'In', show: number('in'), number: true }, { label: 'Out', show: number('out'), number: true }, { label: 'Out, with a device', show: number('hardware_out'), number: true }] }),
        moved.length > 0 && table({ caption: 'The first of them', rows: moved, href: (r) => `/premise?id=${r.premise_id}`, columns: [
            { label: 'Premise', show: (r) => own(r.code) }, { label: 'Programme', show: (r) => own(r.programme) }, { label: 'Now', key: 'before' }, { label: 'Then', key: 'after' },
            { label: 'Device', show: (r) => (r.has_hardware ? 'yes' : 'no') }] }),
        made.length === 0 ? empty('No programme has rules in force', 'Without rules nobody can be shown.')
            : label && h('div', { class: 'actions' }, h('button', { class: 'primary', on: { click: () => act(place, () => post(`/v1/previews/${made[0].id}/publications`), 'Published: in force now.') } }, label)));
    } catch (error) {
        put(place, problem(error));
    }
}
