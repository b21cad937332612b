// Times as people read them: in this browser's zone or UTC, always with the zone, never ambiguous.
import { pref } from './prefs.js';
import { h } from './dom.js';

const two = (n) => String(n).padStart(2, '0');

const local = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short', hour: 'numeric' });
const zoneName = (date) => local.formatToParts(date).find((p) => p.type === 'timeZoneName').value;

/** "2026-11-29 07:16 UTC" of an RFC 3339 text; an empty text for null. */
export function timeText(at, { seconds = false, zone = true } = {}) {
    if (!at) {
        return '';
    }
    const d = new Date(at);
    if (Number.isNaN(d.getTime())) {
        return String(at);
    }
    const u = pref('zone') === 'utc' ? 'UTC' : '';
    const get = (part) => d[`get${u}${part}`]();
    return `${get('FullYear')}-${two(get('Month') + 1)}-${two(get('Date'))} ${two(get('Hours'))}:${two(get('Minutes'))}` +
        (seconds ? `:${two(get('Seconds'))}` : '') + (zone ? ` ${u || zoneName(d)}` : '');
}

/** What a datetime-local field holds for a time, in the zone that was chosen. */
export const fieldTime = (at) => (at ? timeText(at, { zone: false }).replace(' ', 'T') : '');

/** The time that such a field says, as RFC 3339 text; undefined for none. */
export function timeOfField(text) {
    const d = text ? new Date(pref('zone') === 'utc' ? `${text}Z` : text) : undefined;
    return d && !Number.isNaN(d.getTime()) ? d.toISOString() : undefined;
}

/** Whole months up to the present one: { from, to } as days, `to` not included. */
export function monthsAround(months) {
    const now = new Date(), day = (n) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + n, 1)).toISOString().slice(0, 10);
    return { from: day(1 - months), to: day(1) };
}

const steps = [[60, 's'], [60, 'min'], [24, 'h'], [Infinity, 'd']];

/** A span in the largest unit that fits: "3 d". */
export function spanText(seconds) {
    let n = Math.max(0, seconds);
    for (const [size, unit] of steps) {
        if (n < size) {
            return `${Math.floor(n)} ${unit}`;
        }
        n /= size;
    }
    return '';
}

/** Minutes as people say them: "45 min", "3 h 05 min", "2 d 4 h". */
export function minutesText(minutes) {
    if (minutes === null || minutes === undefined) {
        return '';
    }
    if (minutes < 60) {
        return `${minutes < 10 ? Math.round(minutes * 10) / 10 : Math.round(minutes)} min`;
    }
    const m = Math.round(minutes), hours = Math.floor(m / 60);
    return hours < 48 ? `${hours} h ${two(m % 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago. */
const ageText = (at) => (at ? spanText((Date.now() - new Date(at).getTime()) / 1000) : '');

/** <bptm-time at="..." as="time|seconds|age|date">: follows the choice of zone; the full time is its title. */
class BptmTime extends HTMLElement {
    #draw = () => {
        const at = this.getAttribute('at');
        const as = this.getAttribute('as') ?? 'time';
        const full = timeText(at, { seconds: true });
        this.textContent = as === 'age' ? ageText(at) : as === 'seconds' ? full : as === 'date' ? timeText(at, { zone: false }).slice(0, 10) : timeText(at);
        this.title = full;
    };

    connectedCallback() {
        this.#draw();
        document.addEventListener('bptm-prefs', this.#draw);
    }

    disconnectedCallback() {
        document.removeEventListener('bptm-prefs', this.#draw);
    }
}
customElements.define('bptm-time', BptmTime);

/** A time in a page; an en dash when there is none. */
export const time = (at, as = 'time') => (at ? h('bptm-time', { at, as }) : h('span', { class: 'none' }, '–'));
