// The lights of a device as its status has them: each by shape, word and colour; grey when the status is old.
import { h, s, tag } from './dom.js';
import { switchText, words } from './grid-words.js';
import { spanText, time } from './time.js';

/** Colours that a model may name; another one is drawn without colour. */
const colours = new Set(['green', 'amber', 'yellow', 'red', 'blue', 'white']);

const patterns = { off: 'off', on: 'on', blink_slow: 'blinks slowly', blink_fast: 'blinks fast' };

/** Each light: its shape, and what its patterns mean (device-fw/core/led.c). */
const lamps = {
    utility: { shape: () => s('circle', { cx: 24, cy: 24, r: 17 }), means: { off: 'no utility', on: 'utility feeds the home', blink_slow: 'utility is there, waits', blink_fast: 'identify' } },
    generator: { shape: () => s('rect', { x: 8, y: 8, width: 32, height: 32, rx: 5 }), means: { off: 'no generator', on: 'generator feeds the home', blink_slow: 'generator runs, waits', blink_fast: 'generator is not fit' } },
    load: { shape: () => s('path', { d: 'M24 6 41 15.5v17L24 42 7 32.5v-17Z' }), means: { off: 'load in order', on: 'load above 30 A', blink_slow: '', blink_fast: 'overload: tripped' } },
    fault: { shape: () => s('path', { d: 'M24 6 43 40H5Z', 'stroke-linejoin': 'round' }), means: { off: 'no fault', on: 'contact fault', blink_slow: 'a fault blocks', blink_fast: 'backfeed' } },
};

function lamp(name, pattern, colour, isOld) {
    const known = colours.has(colour) ? colour : 'white';
    return h('li', { class: `lamp ${isOld ? 'old' : ''} ${pattern}`, 'data-lamp': name, 'data-pattern': pattern },
        s('svg', { viewBox: '0 0 48 48', class: pattern === 'off' || isOld ? 'glass' : `glass ${known}`, 'aria-hidden': 'true' }, lamps[name].shape(),
            pattern.startsWith('blink') && s('path', { d: pattern === 'blink_fast' ? 'M14 24h4M22 24h4M30 24h4' : 'M16 24h6M26 24h6', class: 'beat' })),
        h('b', {}, name.toUpperCase()), h('span', {}, pattern === 'off' ? 'off' : `${patterns[pattern]}, ${colour}`), h('span', { class: 'small' }, lamps[name].means[pattern]));
}

/** One line of the two sources, the contactors and the home, closed or open as they are. */
function contactors(status, isOld) {
    const { utility_closed: utility, generator_closed: generator } = status.contactors;
    const blade = (closed, y) => s('path', { d: closed ? `M104 ${y}H150` : `M104 ${y} 142 ${y - 20}`, class: closed ? 'wire live' : 'wire' });
    const said = `Utility contactor ${utility ? 'closed' : 'open'}, generator contactor ${generator ? 'closed' : 'open'}`;
    return h('figure', { class: `contactors ${isOld ? 'old' : ''}` }, s('svg', { viewBox: '0 0 300 122', role: 'img', 'aria-label': said },
        s('text', { x: 0, y: 26 }, 'Utility'), s('path', { d: 'M62 22H100', class: utility ? 'wire live' : 'wire' }), blade(utility, 22), s('circle', { cx: 102, cy: 22, r: 4, class: 'pole' }), s('circle', { cx: 152, cy: 22, r: 4, class: 'pole' }),
        s('text', { x: 0, y: 104 }, 'Generator'), s('path', { d: 'M72 100H100', class: generator ? 'wire live' : 'wire' }), blade(generator, 100), s('circle', { cx: 102, cy: 100, r: 4, class: 'pole' }), s('circle', { cx: 152, cy: 100, r: 4, class: 'pole' }),
        s('path', { d: 'M156 22H196V61', class: utility ? 'wire live' : 'wire' }), s('path', { d: 'M156 100H196V61', class: generator ? 'wire live' : 'wire' }),
        s('path', { d: 'M196 61H232', class: utility || generator ? 'wire live' : 'wire' }), s('path', { d: 'M234 62 252 44 270 62V84H234Z', class: 'home' }), s('text', { x: 252, y: 100, 'text-anchor': 'middle' }, 'Home')),
    h('figcaption', { class: 'small' }, `${said}.`));
}

const volts = (v) => `${v.l1_v.toFixed(1)} / ${v.l2_v.toFixed(1)} V`;

const measured = (status) => h('table', { class: 'measured' }, h('caption', { class: 'hidden' }, 'Measured'),
    h('thead', {}, h('tr', {}, ['', 'Legs 1 / 2', 'Frequency'].map((t) => (t ? h('th', { scope: 'col', class: 'number' }, t) : h('td', {}))))),
    h('tbody', {}, [['Utility', status.utility], ['Generator', status.generator]].map(([name, v]) =>
        h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'number' }, volts(v)), h('td', { class: 'number' }, `${v.frequency_hz.toFixed(2)} Hz`))),
    h('tr', {}, h('th', { scope: 'row' }, 'Load'), h('td', { class: 'number' }, `${status.load_a.toFixed(1)} A`), h('td', {}))));

/** Whether what a device said last is old, and why; undefined when it is not. */
export function whyOld(device, now = Date.now()) {
    const { status, link, silent_after_s: most } = device;
    const age = status && (now - new Date(status.received_at).getTime()) / 1000;
    return age > most ? `Old: last heard ${spanText(age)} ago. Its lights may show something else now.`
        : link && !link.online ? 'Not connected now: what its lights show may have changed.' : undefined;
}

/** The four lights alone. */
export const lampList = (device) => h('ul', { class: 'lamps', 'aria-label': 'Lights' }, Object.keys(lamps).map((name) =>
    lamp(name, device.status.leds[name], device.model.led_colours[name] ?? 'white', Boolean(whyOld(device)))));

/** The replica of a device's face: lights, contactors, what it measures. */
export function replica(device) {
    const { status } = device;
    const old = whyOld(device);
    return h('div', { class: `replica ${old ? 'old' : ''}` },
        h('div', { class: 'row' }, h('b', {}, switchText(status.state)), status.mode === 'field_work' && tag('field work', 'warn'), status.faults.map((f) => tag(words(f), 'bad')),
            h('span', { class: 'small' }, 'as of ', time(status.as_of), status.clock !== 'synchronised' && `, clock ${status.clock === 'none' ? 'not set: time of receipt' : 'estimated'}`)),
        old && h('p', { class: 'note warn' }, old),
        lampList(device),
        h('div', { class: 'face' }, contactors(status, Boolean(old)), measured(status)));
}
