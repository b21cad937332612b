// Forms: fields with labels, what is wrong beside the field, one submit at a time.
import { add, h, newId, put } from './dom.js';
import { problem } from './state.js';

/**
 * A field: label, control, help, and a place for its mistake.
 * @param kind  of input; or 'select' with `choices` ([value, text] or text), or 'textarea' (`data-lines`: it keeps its lines)
 */
export function field({ name, label, kind = 'text', value, choices, help, required, ...rest }) {
    const id = newId(name);
    const about = { id, name, required, 'aria-describedby': `${id}-about`, ...rest };
    const control = kind === 'select'
        ? h('select', about, choices.map((c) => [].concat(c)).map(([v, text = v]) => h('option', { value: v, selected: String(value ?? '') === v }, text)))
        : kind === 'textarea' ? h('textarea', { rows: 4, ...about, value: value ?? '' })
            : kind === 'checkbox' ? h('input', { ...about, type: 'checkbox', checked: Boolean(value) })
                : h('input', { ...about, type: kind, value: value ?? '' });
    const mistake = h('p', { class: help ? 'mistake help' : 'mistake', id: `${id}-about`, 'data-help': help }, help ?? '');
    const title = h('label', { for: id }, label, required && h('span', { class: 'needed' }, ' required'));
    return h('div', { class: `field ${kind === 'checkbox' ? 'check' : ''}`, 'data-name': name }, kind === 'checkbox' ? [control, title] : [title, control], mistake);
}

/** Fields that are seldom needed: folded until one of them says something. */
export const more = (...fields) => h('details', { class: 'more-fields', open: fields.flat().some((f) => f.querySelector('input, select').value !== '') }, h('summary', {}, 'More'), h('div', {}, fields));

function clear(form) {
    for (const box of form.querySelectorAll('.field.wrong')) {
        box.classList.remove('wrong');
        box.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
        const note = box.querySelector('.mistake');
        note.textContent = note.dataset.help ?? '';
        note.classList.toggle('help', note.textContent !== '');
    }
}

/** Put the mistakes of a problem document at their fields; the others, and the title, above the form. */
function tell(form, place, error) {
    const rest = [];
    for (const m of error.problem?.errors ?? []) {
        const name = String(m.pointer ?? m.parameter ?? '').split('/').filter((p) => p && !/^\d+$/.test(p)).pop();
        const box = name && form.querySelector(`.field[data-name="${CSS.escape(name)}"]`);
        if (!box) {
            rest.push(m);
            continue;
        }
        box.classList.add('wrong');
        box.querySelector('input, select, textarea').setAttribute('aria-invalid', 'true');
        const note = box.querySelector('.mistake');
        note.classList.remove('help');
        note.textContent = m.detail;
    }
    const shown = error.problem ? { problem: { ...error.problem, errors: rest } } : error;
    put(place, problem(shown));
    (form.querySelector('.wrong input, .wrong select, .wrong textarea') ?? place).focus();
}

/**
 * A form. `act(values)` gets the fields by name (an empty one is undefined) and may throw an ApiError.
 * @param fields  nodes, such as field() makes
 * @param submit  text of its button
 */
export function form({ fields, submit, act, cancel, tone = 'primary', label }) {
    const place = h('div', { tabindex: '-1', class: 'form-problem' });
    const button = h('button', { type: 'submit', class: tone }, submit);
    const node = h('form', { novalidate: true, 'aria-label': label }, place, fields,
        h('div', { class: 'actions' }, button, cancel && h('button', { type: 'button', on: { click: cancel } }, 'Cancel')));
    node.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (button.getAttribute('aria-disabled') === 'true') {
            return;
        }
        clear(node);
        put(place);
        const missing = [...node.elements].find((e) => e.required && !e.value);
        if (missing) {
            tell(node, place, { problem: { title: 'something is missing', errors: [{ pointer: `/${missing.name}`, detail: 'is required' }] } });
            return;
        }
        button.setAttribute('aria-disabled', 'true');
        try {
            await act(valuesOf(node));
        } catch (error) {
            if (!error.problem) {
                console.error(error);
            }
            tell(node, place, error);
        } finally {
            button.removeAttribute('aria-disabled');
        }
    });
    return node;
}

export function valuesOf(node) {
    const values = {};
    for (const e of node.elements) {
        if (e.name && e.type !== 'file') {
            const text = 'lines' in e.dataset ? e.value.trim() : e.value.trim().replace(/\s*\n\s*/g, ' '); // most texts of the API have no line breaks
            values[e.name] = e.type === 'checkbox' ? e.checked : text === '' ? undefined : text;
        }
    }
    return values;
}

/** Ask before something that cannot be taken back; resolves with what `make` gave, or undefined. */
export function ask(title, make) {
    return new Promise((done) => {
        const dialog = h('dialog', { 'aria-label': title });
        let result;
        const close = (value) => {
            result = value;
            dialog.close();
        };
        dialog.addEventListener('close', () => {
            dialog.remove();
            done(result);
        });
        add(dialog, h('h2', {}, title), make(close));
        document.body.append(dialog);
        dialog.showModal();
    });
}
