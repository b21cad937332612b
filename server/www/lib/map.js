// A map of our own: zones as polygons, a place as a pin. No tiles, no other host.
import { h, s } from './dom.js';

const patterns = ['zone-a', 'zone-b', 'zone-c', 'zone-d'];

/**
 * Draw what /v1/premises/{id}/surroundings gives.
 * @return a figure with the drawing and its legend; the legend says the same in words
 */
export function placeMap(around) {
    const [west, south, east, north] = around.bbox;
    const wide = 480, high = 300;
    const middle = (south + north) / 2;
    // the square becomes a wide picture: cut above and below, never squeezed
    const scale = wide / (east - west);
    const yScale = scale / Math.cos(middle * Math.PI / 180);
    const at = ([x, y]) => [(x - west) * scale, high / 2 - (y - middle) * yScale];
    const path = (polygon) => polygon.map((ring) => `M${ring.map((p) => at(p).map((n) => n.toFixed(1)).join(' ')).join('L')}Z`).join('');
    const names = [...new Set(around.zones.map((z) => `${z.layer.toUpperCase()}${z.tier ? ` tier ${z.tier}` : ''}`))];
    const nameOf = (z) => `${z.layer.toUpperCase()}${z.tier ? ` tier ${z.tier}` : ''}`;
    const kind = (z) => patterns[names.indexOf(nameOf(z)) % patterns.length];
    const [px, py] = at([around.longitude, around.latitude]);
    const metres = 111132 / yScale; // of one pixel
    const bar = [100, 200, 500, 1000, 2000, 5000].find((m) => m / metres > 50) ?? 10000;
    const place = `${around.latitude.toFixed(5)}, ${around.longitude.toFixed(5)}`;
    const said = names.length ? `Around it: ${names.join(', ')}.` : 'No zone is near.';
    return h('figure', { class: 'map' },
        s('svg', { viewBox: `0 0 ${wide} ${high}`, role: 'img', 'aria-label': `Map of the place at ${place}. ${said}` },
            s('rect', { width: wide, height: high, class: 'land' }),
            around.zones.map((z) => s('path', { d: z.geometry.coordinates.map(path).join(''), class: kind(z), 'fill-rule': 'evenodd' })),
            s('g', { transform: `translate(${px.toFixed(1)} ${py.toFixed(1)})` },
                s('path', { d: 'M0 0C-3-7-9-11-9-17a9 9 0 0 1 18 0C9-11 3-7 0 0Z', class: 'pin' }), s('circle', { cy: -17, r: 3.4, class: 'pin-eye' })),
            s('g', { transform: `translate(${wide - bar / metres - 14} ${high - 14})` },
                s('path', { d: `M0-5V0H${(bar / metres).toFixed(1)}V-5`, class: 'bar' }),
                s('text', { x: (bar / metres / 2).toFixed(1), y: -6, class: 'bar-text' }, bar >= 1000 ? `${bar / 1000} km` : `${bar} m`))),
        h('figcaption', {},
            names.map((name, n) => h('span', { class: 'key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, s('rect', { width: 16, height: 16, rx: 3, class: patterns[n % patterns.length] })), name)),
            names.length === 0 && 'No zone is near.', h('span', { class: 'small mono' }, place)));
}
