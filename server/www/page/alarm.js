// One alarm: what it means, what it rests on, its history, and what a person makes of it.
import { acknowledge, clear } from '/lib/alarm.js';
import { get } from '/lib/api.js';
import { h, link, tag } from '/lib/dom.js';
import { alarmStateTag, alarmText, detailPairs, severityTag, words } from '/lib/grid-words.js';
import { page, section } from '/lib/shell.js';
import { show } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { time } from '/lib/time.js';
import { own, written } from '/lib/words.js';

const id = new URLSearchParams(location.search).get('id') ?? '';
const place = h('div', { class: 'stack' });

const events = { raised: ['Raised', 'bad'], acknowledged: ['Acknowledged', 'info'], cleared: ['Cleared', 'plain'], changed: ['Changed', 'warn'] };

const entry = (e) => h('li', {},
    h('div', { class: 'row' }, tag(...(events[e.event] ?? [words(e.event), 'plain'])), h('span', { class: 'small' }, own(e.by ?? 'the server'), ', ', time(e.at, 'seconds'))),
    e.note && written(e.note), e.detail && facts(detailPairs(e.detail)));

async function read() {
    const a = await get(`/v1/alarms/${encodeURIComponent(id)}`);
    const act = (what) => async () => (await what(a)) && draw();
    return h('div', { class: 'columns' }, h('div', { class: 'stack' },
        h('section', { class: 'card' }, h('div', { class: 'row' }, h('h2', {}, alarmText(a.kind)), severityTag(a.severity), alarmStateTag(a.state)), h('p', {}, a.means),
            facts([['Device', link(`/device?serial=${encodeURIComponent(a.device)}`, a.device)], ['Since', time(a.since)], ['For', a.cleared_at ? null : time(a.since, 'age')], ['Raised', time(a.raised_at)], ['Acknowledged', time(a.acknowledged_at)], ['Cleared', time(a.cleared_at)], ...detailPairs(a.detail)])),
        section('History', h('ol', { class: 'timeline' }, [...a.history].reverse().map(entry)))),
    section('What may be done', a.state === 'cleared' ? h('p', { class: 'none' }, 'It is cleared.') : h('ul', { class: 'steps' },
        h('li', {}, h('button', { disabled: a.state !== 'raised', class: a.state === 'raised' ? 'primary' : undefined, on: { click: act(acknowledge) } }, 'Acknowledge …'), a.state !== 'raised' && h('span', { class: 'why' }, 'Not now: somebody has.')),
        h('li', {}, h('button', { on: { click: act(clear) } }, 'Clear …'), h('span', { class: 'why' }, 'It comes back only with a new record, batch or silence.')))));
}

const draw = () => show(place, read, 'Alarm');

page({
    title: `Alarm ${id}`,
    roles: ['operator'],
    render: () => {
        draw();
        return place;
    },
    keys: [{ keys: 'a', label: 'Acknowledge', run: () => place.querySelector('.steps button:not([disabled])')?.click() }],
});
