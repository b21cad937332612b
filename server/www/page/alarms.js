// Alarms, newest first; an open one can be acknowledged where it stands.
import { h } from '/lib/dom.js';
import { acknowledge } from '/lib/alarm.js';
import { alarmChoices, alarmStateChoices, alarmStateTag, alarmText, severityChoices, severityTag } from '/lib/grid-words.js';
import { list } from '/lib/list.js';
import { page } from '/lib/shell.js';
import { time } from '/lib/time.js';

page({
    title: 'Alarms',
    roles: ['operator'],
    render: () => list({
        path: '/v1/alarms',
        caption: 'Alarms',
        href: (a) => `/alarm?id=${a.id}`,
        filters: [
            { name: 'state', label: 'State', kind: 'select', choices: [['', 'All'], ...alarmStateChoices] },
            { name: 'severity', label: 'Severity', kind: 'select', choices: [['', 'All'], ...severityChoices] },
            { name: 'kind', label: 'Kind', kind: 'select', choices: [['', 'All'], ...alarmChoices] },
            { name: 'device', label: 'Device', maxlength: 24, placeholder: 'whole serial number' },
        ],
        query: ({ device, ...others }) => ({ ...others, device: device?.toUpperCase() }),
        none: ['No alarm', 'None matches these filters.'],
        columns: [
            { label: 'Alarm', show: (a) => alarmText(a.kind) },
            { label: 'Severity', show: (a) => severityTag(a.severity) },
            { label: 'State', show: (a) => alarmStateTag(a.state) },
            { label: 'Device', show: (a) => h('a', { href: `/device?serial=${encodeURIComponent(a.device)}` }, a.device), mono: true },
            { label: 'Since', show: (a) => time(a.since) },
            { label: 'For', show: (a) => (a.cleared_at ? null : time(a.since, 'age')) },
            { label: 'What to do', show: (a) => (a.state === 'raised' ? h('button', { on: { click: (event) => acknowledge(a, event.target) } }, 'Acknowledge') : null) },
        ],
    }),
});
