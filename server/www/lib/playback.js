// Playing something by its steps: buttons, a slider and keys; what a step looks like is the caller's.
import { h, icon, put } from './dom.js';
import { fieldTime, timeOfField, timeText } from './time.js';

const FRAME = 700; // ms of a step
const STEPS_MOST = 240; // more moments than that are told in equal steps

/** The moments of a list of times (ms): each once and in order, or equal steps when they are too many. */
export function moments(times) {
    const all = [...new Set(times.filter((t) => Number.isFinite(t)))].sort((a, b) => a - b);
    if (all.length <= STEPS_MOST) {
        return all;
    }
    const by = (all.at(-1) - all[0]) / STEPS_MOST;
    return Array.from({ length: STEPS_MOST + 1 }, (_, n) => Math.round(all[0] + n * by));
}

export class Playback {
    #steps = [];
    #timer;
    now = -1; // which step; -1: not playing anything

    /**
     * @param change  (time in ms, or undefined for the whole period) when another step is seen
     * @param say     (time) -> what is to be said of a step
     */
    constructor({ change, say }) {
        Object.assign(this, { change, say });
        const button = (sign, text, run) => h('button', { type: 'button', 'aria-label': text, title: text, on: { click: run } }, icon(sign));
        this.play = button('play', 'Play', () => this.toggle());
        this.slider = h('input', { type: 'range', min: 0, 'aria-label': 'Moment', on: { input: () => {
            this.pause();
            this.go(Number(this.slider.value));
        } } });
        this.when = h('input', { type: 'datetime-local', step: 1, on: { change: () => this.seek(timeOfField(this.when.value)) } });
        this.said = h('output', { class: 'playback-said', 'aria-live': 'off' });
        this.leave = h('button', { type: 'button', on: { click: () => this.go(-1) } }, 'Whole period');
        this.node = h('div', { class: 'playback', role: 'group', 'aria-label': 'Playback' },
            button('back', 'Step back', () => this.step(-1)), this.play, button('next', 'Step on', () => this.step(1)), this.slider, h('label', { class: 'check' }, 'Go to', this.when), this.leave, this.said);
        document.addEventListener('bptm-prefs', () => this.#tell());
        this.set([]);
    }

    /** Other steps: times in ms. Nothing is played then. */
    set(steps) {
        this.pause();
        this.#steps = steps;
        this.slider.max = Math.max(0, steps.length - 1);
        this.now = -1;
        this.node.hidden = steps.length === 0;
        this.#tell();
    }

    get at() {
        return this.#steps[this.now];
    }

    get steps() {
        return this.#steps.length;
    }

    go(to) {
        this.now = Math.max(-1, Math.min(this.#steps.length - 1, to));
        if (this.now < 0) {
            this.pause();
        }
        this.#tell();
        this.change(this.at);
    }

    /** Go to how it was at a time (RFC 3339). */
    seek(at) {
        const ms = new Date(at ?? NaN).getTime();
        if (Number.isFinite(ms) && this.#steps.length) {
            this.pause();
            this.go(Math.max(0, this.#steps.findLastIndex((s) => s <= ms)));
        }
    }

    step(by) {
        this.pause();
        this.go(Math.max(0, this.now + by));
    }

    toggle() {
        if (this.#timer) {
            this.pause();
            return;
        }
        put(this.play, icon('pause'));
        this.play.setAttribute('aria-label', 'Pause');
        this.play.title = 'Pause';
        this.go(this.now < 0 || this.now === this.#steps.length - 1 ? 0 : this.now + 1);
        this.#timer = setInterval(() => (this.now < this.#steps.length - 1 ? this.go(this.now + 1) : this.pause()), FRAME);
    }

    pause() {
        clearInterval(this.#timer);
        this.#timer = undefined;
        put(this.play, icon('play'));
        this.play.setAttribute('aria-label', 'Play');
        this.play.title = 'Play';
    }

    #tell() {
        const at = this.at;
        this.slider.value = Math.max(0, this.now);
        this.leave.hidden = at === undefined;
        this.when.value = fieldTime(at && new Date(at).toISOString());
        const text = at === undefined ? `${this.#steps.length} moments: play them, or move the slider.`
            : `${this.now + 1} of ${this.#steps.length} · ${timeText(at, { seconds: true })} · ${this.say(at)}`;
        this.said.textContent = text;
        this.slider.setAttribute('aria-valuetext', text);
    }
}
