// A new bulk import: what it is, its file, which column is which field; then the dry run begins by itself.
import { call, post } from '/lib/api.js';
import { h, put } from '/lib/dom.js';
import { field, form } from '/lib/form.js';
import { guess, headerOf, isRollUp, kinds } from '/lib/import.js';
import { may, me } from '/lib/session.js';
import { page, section } from '/lib/shell.js';
import { progress } from '/lib/state.js';
import { own } from '/lib/words.js';

const PIECE = 64 * 1024; // of the file, to read its header
const BY_NAME = 'by-name';
let file, header;

const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const isSheet = () => Boolean(file) && /\.xlsx$/i.test(file.name);

const words = (name) => name.replaceAll('_', ' ');

/** Each column of the file beside a choice of fields. */
function mapping(kind) {
    if (isSheet()) {
        return h('p', { class: 'none' }, 'The server reads the first sheet; its columns must be named as the fields are.');
    }
    if (!header) {
        return h('p', { class: 'none' }, 'Choose a file: its columns come here.');
    }
    const [, needed, optional] = kinds[kind];
    const fields = [...needed, ...optional];
    const taken = new Set();
    const rows = header.columns.map((column, n) => {
        const likely = isRollUp(kind) ? BY_NAME : guess(column, fields.filter((f) => !taken.has(f)));
        taken.add(likely);
        const id = `column-${n}`;
        return h('tr', {}, h('th', { scope: 'row' }, h('label', { for: id }, own(column) ?? `column ${n + 1}`)), h('td', {},
            h('select', { id, 'data-column': column, value: likely }, isRollUp(kind) && h('option', { value: BY_NAME }, 'as its name says'), h('option', { value: '' }, 'leave out'),
                fields.map((f) => h('option', { value: f }, `${words(f)}${needed.includes(f) ? ' (needed)' : ''}`)))));
    });
    return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Columns' }, h('table', {},
        h('caption', { class: 'hidden' }, 'Columns of the file and the fields they become'),
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Column of the file'), h('th', { scope: 'col' }, 'Field'))), h('tbody', {}, rows)));
}

async function begin(values, place, node) {
    if (!file) {
        throw Object.assign(new Error(), { problem: { title: 'a file is missing', errors: [] } });
    }
    const chosen = Object.fromEntries([...node.querySelectorAll('[data-column]')].filter((s) => s.value !== BY_NAME).map((s) => [s.dataset.column, s.value]));
    const made = await post('/v1/imports', {
        kind: values.kind, file_name: file.name, why: values.why, ...(!isSheet() && { mapping: chosen, separator: header.separator }),
        empty_cells: values.empty_cells, skip_errors: values.skip_errors, time_zone: isRollUp(values.kind) ? values.time_zone : undefined,
    });
    put(place, progress('Uploading', 0, 0));
    await call('PUT', `/v1/imports/${made.id}/file`, { body: file, type: isSheet() ? sheetType : 'text/csv' });
    location.assign(`/import?id=${made.id}`);
}

page({
    title: 'New import',
    roles: ['enrolment', 'operator'],
    render: async () => {
        const isStaff = may(await me(), ['enrolment']);
        const choices = Object.entries(kinds).filter(([k]) => isStaff || !['premises', 'accounts'].includes(k)).map(([k, [text]]) => [k, text]);
        const columns = h('div', {}), place = h('div', {});
        const kind = field({ name: 'kind', label: 'What is in it', kind: 'select', choices });
        const select = kind.querySelector('select');
        const input = h('input', { type: 'file', id: 'file', accept: `.csv,text/csv,.xlsx,${sheetType}`, 'aria-describedby': 'file-about' });
        const drop = h('div', { class: 'drop' }, h('label', { for: 'file' }, h('b', {}, 'CSV or XLSX file')), input,
            h('p', { class: 'small', id: 'file-about' }, 'Drop it here or choose it: a header and up to 500,000 rows, at most 256 MiB, UTF-8. Spreadsheets up to 16 MiB, but not of persons and premises.'));
        const zone = field({ name: 'time_zone', label: 'Time zone of its times', value: Intl.DateTimeFormat().resolvedOptions().timeZone, maxlength: 60, help: 'As America/Los_Angeles.' });
        const draw = () => {
            zone.hidden = !isRollUp(select.value);
            put(columns, mapping(select.value));
        };
        const take = async (taken) => {
            file = taken;
            header = file && !isSheet() ? headerOf(await file.slice(0, PIECE).text()) : undefined;
            draw();
        };
        input.addEventListener('change', () => take(input.files[0]));
        select.addEventListener('change', draw);
        for (const [event, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
            drop.addEventListener(event, (e) => {
                e.preventDefault();
                drop.classList.toggle('over', over);
            });
        }
        drop.addEventListener('drop', (e) => {
            input.files = e.dataTransfer.files;
            take(e.dataTransfer.files[0]);
        });
        draw();
        const node = form({
            label: 'New import',
            submit: 'Upload and check',
            fields: [h('div', { class: 'columns' },
                h('div', { class: 'stack' }, section('File', kind, zone, drop, field({ name: 'why', label: 'Why', required: true, maxlength: 200, placeholder: 'Monthly extract', help: 'Kept in the audit.' })),
                    section('Rules', field({ name: 'empty_cells', label: 'An empty cell', kind: 'select', choices: [['keep', 'keeps what is stored'], ['clear', 'clears what is stored']] }),
                        field({ name: 'skip_errors', label: 'The good rows may be written when others have errors', kind: 'checkbox' }))),
                section('Columns', columns)), place],
            act: (values) => begin(values, place, node),
        });
        return [h('p', { class: 'lead' }, 'Nothing is written yet: you see the difference first, then decide.'), node];
    },
});
