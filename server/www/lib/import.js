// What bulk imports are about: kinds, their fields, the states of one, and the columns of a file.
import { tag } from './dom.js';

const roll = [['utility', 'circuit', 'out_date'], ['event', 'out_time', 'restored_date', 'restored_time', 'duration', 'customers', 'residential', 'commercial', 'medical', 'other', 'tiers', 'cause', 'place']];

/** kind -> [what it is called, fields that a row must have, fields that it may have] */
export const kinds = {
    premises: ['Premises', ['code', 'address', 'city', 'postal_code', 'longitude', 'latitude'],
        ['meter_number', 'meter_form', 'service_amps', 'service_voltage', 'circuit_id', 'circuit_from']],
    accounts: ['Accounts and customers', ['number', 'premise_code', 'kind', 'customer_name'], ['active', 'email', 'phone', 'medical_baseline', 'moved_out']],
    circuits: ['Circuits', ['circuit_id', 'name'], ['designation', 'valid_from', 'valid_to']],
    links: ['Circuits of premises', ['premise_code', 'circuit_id', 'valid_from'], ['valid_to']],
    generators: ['List of generators', ['make', 'model', 'source_type', 'fuel', 'running_w', 'starting_w', 'l14_30r', 'rated_a_240v', 'neutral', 'gfci_on_240v',
        'co_shutoff', 'carb', 'evidence'], ['aliases', 'receptacles', 'volts', 'breaker_a', 'trips_unbalanced', 'field_evidence', 'valid_from', 'valid_to', 'status', 'reason']],
    psps: ['Shutoffs (PSPS)', ...roll],
    epss: ['Fast trips (EPSS)', ...roll],
};
/** Roll-ups: their times are of a zone, and the server knows the names that their columns go by. */
export const isRollUp = (kind) => ['psps', 'epss'].includes(kind);
export const kindText = (kind) => kinds[kind]?.[0] ?? kind;

const states = {
    created: ['Without a file', 'plain'], uploading: ['Uploading', 'info'], uploaded: ['Uploaded', 'info'], checking: ['Being checked', 'info'],
    checked: ['Dry run done', 'warn'], committing: ['Being written', 'info'], committed: ['Written', 'ok'], failed: ['Failed', 'bad'], cancelled: ['Cancelled', 'plain'],
};
export const importTag = (state) => tag(...(states[state] ?? [state, 'plain']));
export const isRunning = (state) => ['uploading', 'uploaded', 'checking', 'committing'].includes(state);

const separators = [[',', 'comma'], [';', 'semicolon'], ['\t', 'tab'], ['|', 'pipe']];

/** The cells of the first line of a CSV text and its separator: { columns, separator }. */
export function headerOf(text) {
    const clean = text.replace(/^\uFEFF/, '');
    const end = /\r?\n/.exec(clean.replace(/"(?:[^"]|"")*"/g, (q) => 'x'.repeat(q.length)))?.index ?? clean.length;
    const line = clean.slice(0, end);
    const bare = line.replace(/"(?:[^"]|"")*"/g, '');
    const [mark, separator] = separators.map(([m, n]) => [m, n, bare.split(m).length]).sort((a, b) => b[2] - a[2])[0];
    const columns = [];
    let cell = '', quoted = false;
    for (let n = 0; n <= line.length; n++) {
        const c = line[n];
        if (c === '"') {
            if (quoted && line[n + 1] === '"') {
                cell += '"';
                n++;
            } else {
                quoted = !quoted;
            }
        } else if (c === undefined || (c === mark && !quoted)) {
            columns.push(cell.trim());
            cell = '';
        } else {
            cell += c;
        }
    }
    return { columns, separator };
}

const also = {
    code: ['service point', 'sp', 'sp id', 'premise', 'premise code', 'service point id'], address: ['street', 'street address', 'service address'], city: ['town'],
    postal_code: ['zip', 'zip code', 'postcode'], longitude: ['lon', 'lng', 'long', 'x'], latitude: ['lat', 'y'], meter_number: ['meter', 'meter no', 'meter nr', 'badge'],
    meter_form: ['form', 'socket'], service_amps: ['amps', 'panel'], service_voltage: ['voltage', 'volts'], circuit_id: ['circuit', 'feeder', 'feeder nr', 'circuit nr'],
    number: ['account', 'account number', 'account no'], premise_code: ['service point', 'sp', 'premise'], customer_name: ['name', 'customer'], email: ['e-mail', 'mail'],
    phone: ['telephone', 'tel'], kind: ['type', 'account kind'], name: ['circuit name', 'feeder name'], valid_from: ['from', 'since'], valid_to: ['to', 'until'], active: ['status'],
};
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();

/** The field that a column most likely is; an empty text when none is like it. */
export function guess(column, fields) {
    const c = plain(column);
    return fields.find((f) => plain(f) === c) ?? fields.find((f) => also[f]?.includes(c)) ?? '';
}
