// The jobs of a crew, by day, today's first; kept for where there is no network.
import { h, tag } from '/lib/dom.js';
import { empty } from '/lib/state.js';
import { time } from '/lib/time.js';
import { own as bdi, stateTag } from '/lib/words.js';
import { fieldPage } from '/installer/frame.js';
import { crewJobs, dayText, hoursText, purposeText, takeAlong } from '/installer/jobs.js';
import { openEntries } from '/installer/outbox.js';

const statuses = { planned: ['Planned', 'info'], done: ['Done', 'ok'], missed: ['Missed', 'warn'] };

function jobLink(a, open) {
    const mine = open.filter((e) => e.job === a.application_id);
    const refused = mine.some((e) => e.state === 'refused');
    return h('li', {}, h('a', { class: 'job', href: `/installer/job?id=${a.application_id}`, 'data-row': true },
        h('span', { class: 'row' }, h('b', {}, hoursText(a)), h('span', {}, purposeText(a.purpose)), a.status !== 'planned' && tag(...statuses[a.status])),
        h('span', { class: 'where' }, bdi(`${a.address}, ${a.city}`)),
        h('span', { class: 'row small' }, bdi(`${a.generator.make} ${a.generator.model}`), stateTag(a.state), mine.length > 0 && tag(refused ? 'refused: look' : `${mine.length} to send`, refused ? 'bad' : 'info'))));
}

const days = (list, open) => [...Map.groupBy(list, (a) => dayText(a.starts_at))].map(([day, all]) =>
    h('section', {}, h('h3', {}, day), h('ul', { class: 'jobs' }, all.map((a) => jobLink(a, open)))));

fieldPage({
    title: 'Jobs',
    roles: ['installer'],
    render: async () => {
        const { body, at, isOld } = await crewJobs();
        const open = await openEntries();
        const midnight = new Date().setHours(0, 0, 0, 0);
        const isAhead = (a) => a.status === 'planned' && Date.parse(a.ends_at) >= midnight;
        const ahead = body.filter(isAhead), past = body.filter((a) => !isAhead(a)).reverse();
        if (!isOld) {
            takeAlong(body);
        }
        return h('div', { class: 'stack' },
            isOld && h('p', { class: 'note warn' }, 'No network: this is how it was at ', time(at), '.'),
            ahead.length === 0 ? empty('No job is planned', 'The office plans appointments for your crew; they appear here.') : h('section', { class: 'stack' }, h('h2', {}, 'To come'), days(ahead, open)),
            past.length > 0 && h('details', { class: 'past' }, h('summary', {}, `Past days (${past.length})`), h('div', { class: 'stack' }, days(past, open))));
    },
});
