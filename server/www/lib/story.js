// What a journal tells: episodes of records, what fed the home in each, drawn as lanes and said as rows.
import { h, s } from './dom.js';
import { number, words } from './grid-words.js';
import { minutesText, timeText } from './time.js';

const CALM = 6 * 3_600_000; // ms without a record between two episodes
const HEAD = 102, LANE = 30, TOP = 34; // pixels

const msOf = (r) => new Date(r.at ?? r.received_at).getTime();

/** What a record changes: of the utility, the generator, and what feeds the home. */
const changes = {
    utility_lost: (now) => ({ utility: 'gone', feed: now.feed === 'generator' ? 'generator' : 'nothing' }),
    utility_restored: (now) => ({ utility: 'present', feed: now.feed === 'nothing' ? 'utility' : now.feed }),
    generator_present: () => ({ generator: 'present' }),
    generator_absent: () => ({ generator: 'none' }),
    transferred_to_generator: () => ({ feed: 'generator', generator: 'present' }),
    transferred_to_utility: () => ({ feed: 'utility' }),
    overload_trip: () => ({ feed: 'nothing' }),
};

/** Records in order, with what was so from each on; a hole in the sequence is an unknown. */
function walked(records) {
    let now = { utility: 'present', generator: 'none', feed: 'utility' };
    return records.map((r, n) => {
        const isHole = n > 0 && r.seq !== records[n - 1].seq + 1;
        now = { ...now, ...changes[r.kind]?.(now) };
        return { ...r, ms: msOf(r), now, missing: isHole ? r.seq - records[n - 1].seq - 1 : 0 };
    });
}

/** What an episode is called: by the gravest of its records. */
const names = [['fault_latched', 'fault'], ['transfer_failed', 'failed transfer'], ['overload_trip', 'overload'], ['utility_lost', 'outage']];

function about(list) {
    const found = names.filter(([kind]) => list.some((r) => r.kind === kind)).map(([, name]) => name);
    return { isNotable: found.length > 0, title: `${timeText(new Date(list[0].ms).toISOString())}, ${found.join(', ') || words(list[0].kind)}, ${list.length === 1 ? '1 record' : `${list.length} records`}` };
}

/** Episodes, newest first: records that follow each other, until the home was calm for long. */
export function episodes(records) {
    const made = [];
    for (const r of walked(records)) {
        const last = made.at(-1)?.at(-1);
        if (!last || (r.ms - last.ms > CALM && last.now.feed === 'utility' && last.now.utility === 'present')) {
            made.push([]);
        }
        made.at(-1).push(r);
    }
    return made.reverse().map((list) => ({ records: list, ...about(list) }));
}

const seconds = (ms) => `${number(ms / 1000, 1)} s`;

/** What a record says beside its kind. */
export function recordText(r) {
    return [
        r.cause && words(r.cause), r.delay_ms !== null && `after ${seconds(r.delay_ms)}${r.setting_ms !== null ? `, set to ${seconds(r.setting_ms)}` : ''}`,
        r.delay_ms === null && r.setting_ms !== null && `for ${seconds(r.setting_ms)}`, r.l1_v !== null && `${r.l1_v} / ${r.l2_v} V`, r.frequency_hz !== null && r.frequency_hz > 0 && `${r.frequency_hz} Hz`,
        r.load_a !== null && `${r.load_a} A`, ...Object.entries(r.extra ?? {}).map(([name, value]) => `${words(name)} ${value}`),
    ].filter(Boolean).join(' · ');
}

const lanes = [
    ['Utility', (r) => r.now.utility, { present: ['ok', 'present'], gone: ['bad', 'gone'] }],
    ['Generator', (r) => r.now.generator, { present: ['warn', 'runs'], none: ['calm'] }],
    ['Home fed by', (r) => r.now.feed, { utility: ['ok', 'utility'], generator: ['warn', 'generator'], nothing: ['bad', 'nothing'] }],
];

/** Widths grow with the logarithm of the time, so that seconds and days fit one picture. */
const wide = (ms) => 30 + 26 * Math.log10(1 + Math.max(0, ms) / 1000);

function spans(list, valueOf, xs, end) {
    const made = [];
    list.forEach((r, n) => {
        const value = r.missing ? undefined : valueOf(r), last = made.at(-1);
        if (r.missing && n > 0) {
            made.push({ value: 'missing', x: xs[n - 1], to: xs[n], ms: r.ms - list[n - 1].ms, missing: r.missing });
            if (made.length > 1) {
                made.at(-2).to = xs[n - 1];
            }
        }
        if (last && last.value === value && !r.missing) {
            last.to = xs[n + 1] ?? end;
            last.ms = (list[n + 1]?.ms ?? r.ms) - last.from;
        } else {
            made.push({ value: valueOf(r), x: xs[n], to: xs[n + 1] ?? end, from: r.ms, ms: (list[n + 1]?.ms ?? r.ms) - r.ms });
        }
    });
    return made.filter((m) => m.to > m.x);
}

function laneOf([label, valueOf, looks], n, list, xs, end) {
    const y = TOP + n * LANE;
    return [s('text', { x: 12, y: y + 18, class: 'lane-label' }, label),
        spans(list, valueOf, xs, end).map((m) => {
            const [tone, text] = m.value === 'missing' ? ['missing', `${m.missing} missing`] : looks[m.value];
            const room = m.to - m.x, long = !text ? '' : `${text} ${m.ms > 0 && m.to !== end ? minutesOrSeconds(m.ms) : ''}`.trim();
            const said = !text ? '' : room > long.length * 6.4 + 8 ? long : room > text.length * 6.2 + 6 ? text : '';
            return s('g', {}, s('rect', { x: m.x + 0.5, y: y + 3, width: Math.max(1, room - 1), height: LANE - 8, rx: 3, class: `span ${tone}` }), said && s('text', { x: m.x + room / 2, y: y + 18, class: `span-text ${tone}` }, said));
        })];
}

const minutesOrSeconds = (ms) => (ms < 60_000 ? seconds(ms) : minutesText(ms / 60_000));

/** The lanes of one episode. */
export function storyChart(episode) {
    const list = episode.records, xs = [HEAD + 14];
    for (let n = 1; n < list.length; n++) {
        xs.push(xs[n - 1] + wide(list[n].ms - list[n - 1].ms));
    }
    const stretch = Math.max(1, Math.min(2.4, (Math.min(960, innerWidth - 60) - 84 - xs[0]) / (xs.at(-1) - xs[0]))); // few records use the room there is
    xs.forEach((x, n) => {
        xs[n] = xs[0] + (x - xs[0]) * stretch;
    });
    const end = xs.at(-1) + 84, height = TOP + lanes.length * LANE + 26;
    let free = -Infinity;
    return h('div', { class: 'scroll story', tabindex: '0', role: 'region', 'aria-label': 'Timeline' }, s('svg', { viewBox: `0 0 ${end + 8} ${height}`, width: end + 8, height, role: 'img', 'aria-label': `Timeline of ${list.length} records; the table below says the same.` },
        xs.map((x) => s('path', { d: `M${x} ${TOP - 6}V${height - 24}`, class: 'mark' })),
        lanes.map((lane, n) => laneOf(lane, n, list, xs, end)),
        list.map((r, n) => {
            const shown = xs[n] > free + 6;
            free = shown ? xs[n] + 52 : free;
            return s('g', {}, s('circle', { cx: xs[n], cy: TOP - 10, r: 4, class: r.missing ? 'dot gap' : 'dot' }),
                s('text', { x: xs[n], y: TOP - 18, class: 'mark-text' }, r.seq), shown && s('text', { x: xs[n], y: height - 8, class: 'mark-text' }, timeText(new Date(r.ms).toISOString(), { seconds: true, zone: false }).slice(11)));
        })));
}
