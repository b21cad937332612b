// Small charts as SVG: columns over time, bars over names. Colours are classes, so that they follow the theme; what a
// chart says the table below it says too, so it is one picture with a name for those who do not see it.
import { h, s } from './dom.js';

const WIDE = 760, HIGH = 270, LEFT = 58, BOTTOM = 44, RIGHT = 12, ABOVE = 14;
const BARS_MOST = 30, COLUMNS_MOST = 60;

/** Steps of an axis: 0, so much, ... up to the least above `most`. */
export function ticks(most) {
    if (!(most > 0)) {
        return [0, 1];
    }
    const rough = most / 4, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough);
    return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, n) => n * step);
}

const short = (n) => (n >= 1e6 ? `${+(n / 1e6).toFixed(2)} M` : n >= 10_000 ? `${+(n / 1000).toFixed(1)} k` : String(+n.toFixed(n < 1 ? 3 : 2)));

const mostOf = (series) => Math.max(0, ...series.flatMap((one) => one.values.filter((v) => v !== null && v !== undefined)));

const legend = (series) => (series.length < 2 ? null : h('figcaption', { class: 'chart-key' }, series.map((one, n) =>
    h('span', { class: 'key' }, s('svg', { viewBox: '0 0 14 14', 'aria-hidden': 'true', class: 'key-shape' }, s('rect', { x: 1, y: 1, width: 12, height: 12, rx: 2, class: `series series-${n + 1}` })), one.name))));

function columns({ labels, series, text, tick = short }, name) {
    const steps = ticks(mostOf(series)), top = steps.at(-1), room = WIDE - LEFT - RIGHT, high = HIGH - BOTTOM - ABOVE;
    const y = (v) => ABOVE + high * (1 - v / top), slot = room / labels.length, wide = Math.min(46, (slot * 0.74) / series.length);
    const every = Math.ceil(labels.length / 13);
    return s('svg', { viewBox: `0 0 ${WIDE} ${HIGH}`, class: 'chart', role: 'img', 'aria-label': name },
        steps.map((v) => s('g', {}, s('path', { d: `M${LEFT} ${y(v)}H${WIDE - RIGHT}`, class: 'grid' }), s('text', { x: LEFT - 8, y: y(v) + 4, class: 'tick' }, tick(v)))),
        labels.map((label, i) => s('g', {}, series.map((one, n) => {
            const v = one.values[i], x = LEFT + slot * (i + 0.5) + wide * (n - series.length / 2);
            return v === null || v === undefined ? s('text', { x: x + wide / 2, y: y(0) - 5, class: 'none-text' }, '–')
                : s('g', {}, s('rect', { x: x + 1, y: y(v), width: Math.max(1, wide - 2), height: Math.max(0.5, y(0) - y(v)), rx: 1.5, class: `series series-${n + 1}` }, s('title', {}, `${label}, ${one.name}: ${text(v)}`)),
                    text(v).length * 7.2 < wide + (series.length === 1 ? 30 : 0) && s('text', { x: x + wide / 2, y: y(v) - 4, class: 'value' }, text(v)));
        }), i % every === 0 && s('text', { x: LEFT + slot * (i + 0.5), y: HIGH - BOTTOM + 18, class: 'label' }, label))));
}

function bars({ labels, series, text }, name) {
    const most = ticks(mostOf(series)).at(-1), line = 18, slot = line * series.length + 10, left = 190, right = 84;
    const high = slot * labels.length + 8, x = (v) => ((WIDE - left - right) * v) / most;
    return s('svg', { viewBox: `0 0 ${WIDE} ${high}`, class: 'chart', role: 'img', 'aria-label': name }, labels.map((label, i) => s('g', {},
        s('text', { x: left - 10, y: 4 + slot * i + (line * series.length) / 2, class: 'bar-label' }, label.length > 27 ? `${label.slice(0, 26)}…` : label, s('title', {}, label)),
        series.map((one, n) => {
            const v = one.values[i], at = 5 + slot * i + line * n;
            return v === null || v === undefined ? s('text', { x: left, y: at + 12, class: 'bar-value' }, 'not told')
                : s('g', {}, s('rect', { x: left, y: at + 1, width: Math.max(1, x(v)), height: line - 3, rx: 1.5, class: `series series-${n + 1}` }), s('text', { x: left + x(v) + 7, y: at + 12, class: 'bar-value' }, text(v)));
        }))));
}

/**
 * A chart.
 * @param name    what it shows, in a sentence
 * @param labels  of the groups, in order
 * @param series  { name, values }, at most four; null: not told
 * @param text    a value as people read it
 * @param tick    a value as the axis has it, where that is not a plain number
 * @param isTime  columns from left to right; else bars, the largest first, at most 30
 */
export function chart({ name, labels, series, text, tick, isTime }) {
    const order = labels.map((_, n) => n);
    if (!isTime) {
        order.sort((a, b) => (series[0].values[b] ?? -1) - (series[0].values[a] ?? -1));
    }
    const most = isTime ? COLUMNS_MOST : BARS_MOST, kept = isTime ? order.slice(-most) : order.slice(0, most);
    const about = { text, tick, labels: kept.map((n) => labels[n]), series: series.map((one) => ({ ...one, values: kept.map((n) => one.values[n]) })) };
    return h('figure', { class: 'chart-box' }, h('div', { class: 'chart-scroll', tabindex: '0', role: 'region', 'aria-label': 'Chart' }, (isTime ? columns : bars)(about, `${name} The table below says the same.`)), legend(series),
        kept.length < labels.length && h('p', { class: 'small' }, `${isTime ? 'The last' : 'The largest'} ${most} of ${labels.length} are drawn; the table has all.`));
}
