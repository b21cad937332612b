// Commands to a device: what it can be told, the form for it, and what became of each.
import { post } from './api.js';
import { h, put } from './dom.js';
import { field, form } from './form.js';
import { commandTag, words } from './grid-words.js';
import { empty, told } from './state.js';
import { table } from './table.js';
import { time } from './time.js';

const seconds = (name, label, help) => ({ field: { name, label, kind: 'number', step: 'any', help }, ms: 1000 });

/** Each command with the arguments that people give; `ms`: of one unit of the field. */
const known = {
    read: { label: 'Read: send a status now', fields: [] },
    identify: { label: 'Identify: all lights blink', fields: [{ field: { name: 'duration_ms', label: 'Seconds', kind: 'number', value: 60, min: 1, max: 600, required: true }, ms: 1000 }] },
    field_work: { label: 'Field work: no transfer for a time', fields: [{ field: { name: 'duration_ms', label: 'Minutes', kind: 'number', value: 60, min: 0, max: 720, required: true, help: '0 ends it.' }, ms: 60_000 }] },
    self_test: { label: 'Self-test', fields: [] },
    settings: { label: 'Settings: other delays', fields: [
        seconds('fail_ms', 'Utility gone after (s)', '1 to 60'), seconds('gen_ms', 'Generator accepted after (s)', '1 to 300'), seconds('return_ms', 'Back to the utility after (s)', '1 to 1,800'), seconds('cool_ms', 'Cool-down (s)', '10 to 600')] },
};

/** The form; `done()` when something was sent. */
export function commandForm(path, done) {
    const extra = h('div', { class: 'filters-inline' });
    const choice = field({ name: 'command', label: 'Command', kind: 'select', choices: Object.entries(known).map(([code, { label }]) => [code, label]) });
    const draw = () => put(extra, known[choice.querySelector('select').value].fields.map((f) => field(f.field)));
    choice.addEventListener('change', draw);
    draw();
    return form({
        label: 'Command', submit: 'Send', fields: [choice, extra],
        act: async ({ command, ...values }) => {
            const body = { command };
            for (const { field: { name }, ms } of known[command].fields) {
                if (values[name] !== undefined) {
                    body[name] = Math.round(Number(values[name]) * ms);
                }
            }
            const made = await post(`${path}/commands`, body);
            told(`Command ${made.counter} waits for the device.`);
            done();
        },
    });
}

const argumentText = (c) => Object.entries(c.arguments).map(([name, value]) => `${words(name.replace(/_ms$/, ''))} ${name.endsWith('_ms') ? `${value / 1000} s` : value}`).join(', ');

export const commandsTable = (items) => (items.length === 0 ? empty('It was told nothing yet', '') : table({ caption: 'Commands', rows: items, columns: [
    { label: 'Number', show: (c) => String(c.counter), mono: true }, { label: 'Command', show: (c) => words(c.command) }, { label: 'With', show: argumentText }, { label: 'State', show: (c) => [commandTag(c.state), c.cause && ` ${words(c.cause)}`] },
    { label: 'Asked', show: (c) => time(c.requested_at) }, { label: 'Sent', show: (c) => time(c.sent_at) }, { label: 'Closed', show: (c) => time(c.closed_at) }, { label: 'Record', show: (c) => c.record_seq && String(c.record_seq), mono: true },
] }));
