// What a person makes of an alarm: acknowledged or cleared, with a note.
import { post } from './api.js';
import { h, put } from './dom.js';
import { ask, field, form } from './form.js';
import { alarmStateTag, alarmText } from './grid-words.js';
import { told } from './state.js';

/** Ask for the note and do it; resolves with the alarm as it is then, or undefined. */
function answer(alarm, { path, words, help, required, done }) {
    return ask(words, (close) => form({
        label: words, submit: words, cancel: () => close(),
        fields: [h('p', {}, `${alarmText(alarm.kind)} of ${alarm.device}`), field({ name: 'note', label: 'Note', kind: 'textarea', maxlength: 1000, required, help })],
        act: async (values) => {
            const fresh = await post(`/v1/alarms/${alarm.id}/${path}`, values);
            close(fresh);
            told(done);
        },
    }));
}

/** Acknowledge it; `button` becomes its new state. */
export async function acknowledge(alarm, button) {
    const fresh = await answer(alarm, { path: 'acknowledgements', words: 'Acknowledge', help: 'What you do about it; others read it.', done: 'Acknowledged.' });
    if (fresh && button) {
        const row = button.closest('tr');
        put(button.closest('td'), h('span', { class: 'small' }, 'by you, now'));
        put(row.querySelector('td:nth-child(3)'), alarmStateTag(fresh.state));
    }
    return fresh;
}

export const clear = (alarm) => answer(alarm, { path: 'clearances', words: 'Clear', help: 'Why; it comes back only for something new.', required: true, done: 'Cleared.' });

