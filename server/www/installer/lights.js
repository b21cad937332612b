// The lights of a meter at a job: what its last signed status says, and how old that is.
import { h } from '/lib/dom.js';
import { lampList, whyOld } from '/lib/lamps.js';
import { spanText, time } from '/lib/time.js';

/** Whether all four lights are on: the self-test, as no other state shows it. */
export const allOn = (device) => Boolean(device?.status) && Object.values(device.status.leds).every((l) => l === 'on');

/** The lights of GET /v1/devices/{serial}. */
export function lights(device) {
    const { status } = device;
    if (!status) {
        return h('p', { class: 'note' }, 'The meter has not reported yet.');
    }
    const old = whyOld(device);
    return h('div', { class: 'stack' }, lampList(device), old && h('p', { class: 'note warn' }, old),
        h('p', { class: 'small' }, 'As the meter said at ', time(status.as_of), `, received ${spanText((Date.now() - Date.parse(status.received_at)) / 1000)} ago.`));
}
