// How a map is drawn: shapes of points, areas, clusters and the scale bar, in colours of the style sheet.
import { h } from './dom.js';

/** Names of colours that a map uses; base.css or the page's sheet has a class `ink-NAME` for each. */
const inks = ['land', 'line', 'text', 'muted', 'dark', 'generator', 'back', 'before', 'event', 'past', 'device', 'off', 'fault', 'chosen', 'surface', 'zone-1', 'zone-2', 'zone-3', 'zone-4', 'circuit'];

/** Hidden elements from which computed colours are read, so that a canvas follows theme and contrast. */
export class Inks {
    constructor() {
        this.node = h('div', { class: 'inks', 'aria-hidden': 'true' }, inks.map((name) => h('i', { class: `ink-${name}` })));
    }

    read() {
        return Object.fromEntries([...this.node.children].map((e) => [e.className.slice(4), getComputedStyle(e).color]));
    }
}

const turn = 2 * Math.PI;

/** Paths of the shapes, around 0, with radius r. */
const shapes = {
    circle: (c, r) => c.arc(0, 0, r, 0, turn),
    square: (c, r) => c.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76),
    diamond: (c, r) => poly(c, [[0, -r * 1.25], [r * 1.25, 0], [0, r * 1.25], [-r * 1.25, 0]]),
    triangle: (c, r) => poly(c, [[0, -r * 1.2], [r * 1.15, r * 0.85], [-r * 1.15, r * 0.85]]),
    cross: (c, r) => poly(c, [[-r, -r], [0, -r * 0.35], [r, -r], [r * 0.35, 0], [r, r], [0, r * 0.35], [-r, r], [-r * 0.35, 0]]),
};

function poly(c, points) {
    points.forEach(([x, y], n) => (n === 0 ? c.moveTo(x, y) : c.lineTo(x, y)));
    c.closePath();
}

/** One shape at x, y: { shape, ink, radius, hollow }. */
export function drawShape(c, ink, { shape, ink: name, radius, hollow }, x, y) {
    c.save();
    c.translate(x, y);
    c.beginPath();
    shapes[shape](c, radius);
    c.fillStyle = hollow ? ink.surface : ink[name];
    c.strokeStyle = hollow ? ink[name] : ink.surface;
    c.lineWidth = hollow ? 2 : 1.2;
    c.fill();
    c.stroke();
    c.restore();
}

/** A ring around what is chosen. */
export function drawRing(c, ink, x, y, radius) {
    c.beginPath();
    c.arc(x, y, radius + 5, 0, turn);
    c.strokeStyle = ink.surface;
    c.lineWidth = 6;
    c.stroke();
    c.strokeStyle = ink.chosen;
    c.lineWidth = 3;
    c.stroke();
}

/** So many things at one place: a disc with their number, in the colour of the gravest. */
export function drawCluster(c, ink, { name, count, radius, isQuiet }, x, y) {
    c.beginPath();
    c.arc(x, y, radius, 0, turn);
    c.fillStyle = ink.surface;
    c.strokeStyle = ink[name];
    c.lineWidth = isQuiet ? 1.5 : 3;
    c.fill();
    c.stroke();
    c.fillStyle = isQuiet ? ink.muted : ink.text;
    c.font = `600 ${radius > 15 ? 13 : 12}px system-ui, sans-serif`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.fillText(count > 999 ? `${(count / 1000).toFixed(1)}k` : String(count), x, y + 0.5);
}

/** An area: rings in pixels, filled lightly and outlined with its own dashes. */
export function drawArea(c, ink, { ink: name, dash = [], fill = 0.1, wide = 1.6 }, rings) {
    c.beginPath();
    for (const ring of rings) {
        poly(c, ring);
    }
    c.globalAlpha = fill;
    c.fillStyle = ink[name];
    c.fill('evenodd');
    c.globalAlpha = 1;
    c.strokeStyle = ink[name];
    c.lineWidth = wide;
    c.setLineDash(dash);
    c.stroke();
    c.setLineDash([]);
}

/** A name on the map, with a halo. */
export function drawName(c, ink, text, x, y) {
    c.font = '600 12px system-ui, sans-serif';
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    c.lineJoin = 'round';
    c.strokeStyle = ink.land;
    c.lineWidth = 4;
    c.strokeText(text, x, y);
    c.fillStyle = ink.text;
    c.fillText(text, x, y);
}

const bars = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

/** The scale bar at the lower right. */
export function drawScale(c, ink, metresOfPixel, width, height) {
    const metres = bars.find((m) => m / metresOfPixel > 60) ?? bars.at(-1), length = metres / metresOfPixel;
    const x = width - length - 14, y = height - 14;
    c.beginPath();
    c.moveTo(x, y - 5);
    c.lineTo(x, y);
    c.lineTo(x + length, y);
    c.lineTo(x + length, y - 5);
    c.strokeStyle = ink.text;
    c.lineWidth = 1.5;
    c.stroke();
    drawName(c, ink, metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, x + length / 2, y - 10);
}
