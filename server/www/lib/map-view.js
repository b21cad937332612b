// A map that can be moved: areas and points on a canvas, by mouse, touch and keyboard. No tiles, no other host.
import { add, h, icon } from './dom.js';
import { drawArea, drawCluster, drawName, drawRing, drawScale, drawShape, Inks } from './map-draw.js';

const north = (lat) => (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)); // Mercator
const SCALE_MIN = 0.5, SCALE_MAX = 400_000; // pixels of a degree of longitude
const CELL = 46; // pixels: points of one cell are drawn as one number
const STEP = 70; // pixels of an arrow key

/** Grave first: the colour of a cluster is that of its gravest point. */
const grave = ['fault', 'event', 'dark', 'generator', 'off', 'past', 'back', 'before', 'device'];

export class MapView {
    #items = []; // points { key, layer, at, style, title, rank, quiet }: quiet ones are not gone to by N and P
    #areas = []; // { key, rings, style, name, at }
    #drawn = []; // [x, y, radius, items]
    #bounds;
    #pointers = new Map();
    #frame = 0;

    /**
     * @param label   what the map is, for everybody who cannot see it
     * @param pick    (items) when something is chosen; an empty list: nothing
     * @param open    (item) when the chosen one is to be opened
     * @param moved   () when the section that is seen has changed
     * `touched` says that a person has moved it or chosen something.
     */
    constructor({ label, pick = () => {}, open = () => {}, moved = () => {} }) {
        Object.assign(this, { pick, open, moved, touched: false, chosen: undefined, centre: [0, 0], scale: 10, width: 600, height: 400 });
        this.inks = new Inks();
        this.canvas = h('canvas', { 'aria-hidden': 'true' });
        this.said = h('p', { class: 'map-said', role: 'status' });
        this.box = h('div', { class: 'map-box', tabindex: '0', role: 'application', 'aria-label': label, 'aria-describedby': 'map-keys' }, this.canvas);
        const button = (sign, text, run) => h('button', { type: 'button', 'aria-label': text, title: text, on: { click: run } }, icon(sign));
        this.node = h('div', { class: 'map-view' }, this.inks.node, h('p', { class: 'hidden', id: 'map-keys' }, 'Arrow keys move the map, plus and minus zoom, 0 shows everything. N and P go to the next and previous thing, Enter opens it, Escape lets go.'), this.box,
            h('div', { class: 'map-buttons' }, button('plus', 'Zoom in', () => this.zoom(1.6)), button('dash', 'Zoom out', () => this.zoom(1 / 1.6)), button('fit', 'Show everything', () => this.fit())));
        this.#listen();
    }

    #listen() {
        this.box.addEventListener('keydown', (event) => this.#key(event));
        this.canvas.addEventListener('pointerdown', (event) => this.#down(event));
        this.canvas.addEventListener('pointermove', (event) => this.#move(event));
        for (const name of ['pointerup', 'pointercancel']) {
            this.canvas.addEventListener(name, (event) => this.#up(event, name === 'pointerup'));
        }
        this.canvas.addEventListener('wheel', (event) => {
            if (event.ctrlKey || this.box.contains(document.activeElement)) { // a map that one only passes does not catch the wheel
                event.preventDefault();
                this.zoom(Math.exp(-event.deltaY / 400), this.#place(event));
            }
        }, { passive: false });
        this.canvas.addEventListener('dblclick', (event) => this.zoom(2, this.#place(event)));
        new ResizeObserver(() => this.#size()).observe(this.box);
        document.addEventListener('bptm-prefs', () => this.draw());
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    }

    /** What is to be seen. `keep`: the section stays; else all of it is shown, or all of `around` (points). */
    show({ points, areas, around = points }, keep = true) {
        this.#items = points;
        this.#areas = areas.map((a) => ({ ...a, flat: a.rings.map((ring) => ring.map(([x, y]) => [x, north(y)])) }));
        const first = !this.#bounds;
        this.#bounds = this.#around(around);
        if (first || !keep) {
            this.fit();
        }
        this.draw();
    }

    /** Around points; around the areas when there are none. */
    #around(points) {
        const all = points.length ? points.map((i) => [i.at[0], north(i.at[1])]) : this.#areas.flatMap((a) => a.flat.flat());
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        for (const [x, y] of all) {
            box[0] = Math.min(box[0], x);
            box[1] = Math.min(box[1], y);
            box[2] = Math.max(box[2], x);
            box[3] = Math.max(box[3], y);
        }
        return all.length ? box : undefined;
    }

    #size() {
        const { clientWidth, clientHeight } = this.box;
        if (!clientWidth) {
            return;
        }
        const fresh = !this.sized;
        this.sized = true;
        Object.assign(this, { width: clientWidth, height: clientHeight });
        const ratio = devicePixelRatio || 1;
        this.canvas.width = Math.round(clientWidth * ratio);
        this.canvas.height = Math.round(clientHeight * ratio);
        if (fresh) {
            this.fit();
        }
        this.draw();
    }

    fit(bounds = this.#bounds) {
        if (!bounds) {
            return;
        }
        const [x0, y0, x1, y1] = bounds, room = 96;
        this.centre = [(x0 + x1) / 2, (y0 + y1) / 2];
        this.#scaleTo(Math.min((this.width - room) / Math.max(x1 - x0, 0.004), (this.height - room) / Math.max(y1 - y0, 0.004)));
        this.draw();
    }

    #scaleTo(scale) {
        this.scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, scale));
    }

    /** Zoom around a place of the canvas, or around its middle. */
    zoom(by, [px, py] = [this.width / 2, this.height / 2]) {
        this.touched = true;
        const before = this.#geo(px, py);
        this.#scaleTo(this.scale * by);
        const after = this.#geo(px, py);
        this.centre = [this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]];
        this.draw();
    }

    #pan(dx, dy) {
        this.touched = true;
        this.centre = [this.centre[0] - dx / this.scale, this.centre[1] + dy / this.scale];
        this.draw();
    }

    #pixel(x, y) {
        return [this.width / 2 + (x - this.centre[0]) * this.scale, this.height / 2 - (y - this.centre[1]) * this.scale];
    }

    #geo(px, py) {
        return [this.centre[0] + (px - this.width / 2) / this.scale, this.centre[1] - (py - this.height / 2) / this.scale];
    }

    /** The section that is seen: west, south, east, north in degrees. */
    get box4() {
        const south = (y) => (360 / Math.PI) * Math.atan(Math.exp((y * Math.PI) / 180)) - 90;
        const [w, s] = this.#geo(0, this.height), [e, n] = this.#geo(this.width, 0);
        return [Math.max(-180, w), Math.max(-90, south(s)), Math.min(180, e), Math.min(90, south(n))];
    }

    /** Whether a point is in that section. */
    sees([lon, lat]) {
        const [x, y] = this.#pixel(lon, north(lat));
        return x >= 0 && y >= 0 && x <= this.width && y <= this.height;
    }

    /** Choose a point or area by its key; `bring`: move there when it is not seen. */
    choose(key, bring = true) {
        this.chosen = key;
        this.touched = true;
        const item = this.#items.find((i) => i.key === key);
        if (item && bring && !this.sees(item.at)) {
            this.centre = [item.at[0], north(item.at[1])];
        }
        this.draw();
        return item;
    }

    draw() {
        this.#frame ||= requestAnimationFrame(() => {
            this.#frame = 0;
            this.#paint();
            this.moved();
        });
    }

    #paint() {
        const c = this.canvas.getContext('2d'), ink = this.inks.read(), ratio = this.canvas.width / this.width;
        c.setTransform(ratio, 0, 0, ratio, 0, 0);
        c.fillStyle = ink.land;
        c.fillRect(0, 0, this.width, this.height);
        for (const area of this.#areas) {
            drawArea(c, ink, { ...area.style, ...(area.key === this.chosen && { wide: 4, fill: 0.34 }) }, area.flat.map((ring) => ring.map(([x, y]) => this.#pixel(x, y))));
        }
        this.#paintPoints(c, ink);
        for (const area of this.#areas.filter((a) => a.name && a.at && this.#wideOf(a) > 70)) {
            const [x, y] = this.#pixel(area.at[0], north(area.at[1]));
            drawName(c, ink, area.name, x, y - 12);
        }
        const latitude = (360 / Math.PI) * Math.atan(Math.exp((this.centre[1] * Math.PI) / 180)) - 90;
        drawScale(c, ink, (111_320 * Math.cos((latitude * Math.PI) / 180)) / this.scale, this.width, this.height);
    }

    /** How wide an area is, in pixels. */
    #wideOf(area) {
        const xs = area.flat.flat().map((p) => p[0]);
        return (Math.max(...xs) - Math.min(...xs)) * this.scale;
    }

    /** Points by cells of the picture: alone as their shape, together as a number. */
    #paintPoints(c, ink) {
        const cells = new Map();
        for (const item of this.#items) {
            const [x, y] = this.#pixel(item.at[0], north(item.at[1]));
            if (x < -CELL || y < -CELL || x > this.width + CELL || y > this.height + CELL) {
                continue;
            }
            const cell = `${item.layer} ${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
            const found = cells.get(cell);
            found ? found.push([x, y, item]) : cells.set(cell, [[x, y, item]]);
        }
        this.#drawn = [];
        let ring;
        for (const all of cells.values()) {
            const apart = all.every(([x, y], n) => all.every(([u, v], k) => k === n || Math.hypot(x - u, y - v) > 13));
            for (const group of all.length < 5 && apart ? all.map((one) => [one]) : [all]) {
                const made = group.length === 1 ? this.#paintOne(c, ink, group[0]) : this.#paintMany(c, ink, group);
                this.#drawn.push(made);
                ring = made[3].some((i) => i.key === this.chosen) ? made : ring;
            }
        }
        if (ring) {
            drawRing(c, ink, ring[0], ring[1], ring[2]);
        }
    }

    #paintOne(c, ink, [x, y, item]) {
        drawShape(c, ink, item.style, x, y);
        return [x, y, item.style.radius, [item]];
    }

    #paintMany(c, ink, group) {
        const radius = Math.min(19, 10 + 2 * Math.log2(group.length));
        const [x, y] = [0, 1].map((n) => { // in the middle of them, but not beyond their cell: numbers do not cover each other
            const cell = (Math.floor(group[0][n] / CELL) + 0.5) * CELL, middle = group.reduce((sum, g) => sum + g[n], 0) / group.length, room = CELL / 2 - radius;
            return cell + Math.max(-room, Math.min(room, middle - cell));
        });
        const name = grave.find((n) => group.some((g) => g[2].style.ink === n)) ?? 'device';
        drawCluster(c, ink, { name, count: group.length, radius, isQuiet: group[0][2].quiet }, x, y);
        return [x, y, radius, group.map((g) => g[2])];
    }

    #place(event) {
        const box = this.canvas.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
    }

    #down(event) {
        this.canvas.setPointerCapture(event.pointerId);
        this.#pointers.set(event.pointerId, this.#place(event));
        this.dragged = 0;
    }

    #move(event) {
        const from = this.#pointers.get(event.pointerId), to = this.#place(event);
        if (!from) {
            this.canvas.classList.toggle('over', Boolean(this.#hit(to)));
            return;
        }
        const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
            const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]);
            this.zoom(apart(to) / Math.max(1, apart(from)), [(to[0] + other[0]) / 2, (to[1] + other[1]) / 2]);
        } else {
            this.#pan(to[0] - from[0], to[1] - from[1]);
        }
        this.dragged += Math.hypot(to[0] - from[0], to[1] - from[1]);
        this.#pointers.set(event.pointerId, to);
    }

    #up(event, isClick) {
        this.#pointers.delete(event.pointerId);
        if (isClick && this.dragged < 6) {
            const hit = this.#hit(this.#place(event));
            this.#take(hit?.[3] ?? []);
        }
    }

    #hit([px, py]) {
        let best, least = Infinity;
        for (const one of this.#drawn) {
            const d = Math.hypot(one[0] - px, one[1] - py) - one[2];
            if (d < 6 && d < least) {
                least = d;
                best = one;
            }
        }
        return best;
    }

    /** A click: one thing is chosen; many that can be told apart are come nearer to. */
    #take(items) {
        const places = new Set(items.map((i) => i.at.join()));
        if (places.size > 1 && this.scale < SCALE_MAX / 4) {
            const xs = items.map((i) => i.at[0]), ys = items.map((i) => north(i.at[1]));
            this.fit([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
            this.#say(`${items.length} things here; the map comes nearer.`);
            return;
        }
        this.chosen = items[0]?.key;
        this.draw();
        this.pick(items);
        this.#tell(items);
    }

    #tell(items) {
        this.#say(items.length === 0 ? 'Nothing is chosen.' : items.length === 1 ? items[0].title : `${items.length} at one place: ${items[0].title} and others.`);
    }

    #say(text) {
        this.said.textContent = text;
    }

    /** The next or previous point, by rank, then in the order of the table. */
    step(by) {
        const order = this.#items.filter((i) => !i.quiet).sort((a, b) => a.rank - b.rank);
        if (order.length === 0) {
            this.#say('There is nothing to go to.');
            return;
        }
        const at = order.findIndex((i) => i.key === this.chosen);
        const item = order[at < 0 ? (by > 0 ? 0 : order.length - 1) : (at + by + order.length) % order.length];
        this.choose(item.key);
        this.pick([item]);
        this.#say(`${item.title} (${order.indexOf(item) + 1} of ${order.length})`);
    }

    #key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const acts = {
            ArrowLeft: () => this.#pan(STEP, 0), ArrowRight: () => this.#pan(-STEP, 0), ArrowUp: () => this.#pan(0, STEP), ArrowDown: () => this.#pan(0, -STEP),
            '+': () => this.zoom(1.5), '=': () => this.zoom(1.5), '-': () => this.zoom(1 / 1.5), 0: () => this.fit(),
            n: () => this.step(1), p: () => this.step(-1), N: () => this.step(-1),
            Enter: () => this.#items.filter((i) => i.key === this.chosen).forEach(this.open), Escape: () => this.#take([]),
        };
        if (acts[event.key]) {
            event.preventDefault();
            acts[event.key]();
        }
    }
}

/** The key of a map: a small drawing of a shape beside its words. */
export function keyOf(inks, style, ...text) {
    const canvas = h('canvas', { 'aria-hidden': 'true', width: 36, height: 36, class: 'key-shape' });
    const paint = () => {
        const c = canvas.getContext('2d');
        c.setTransform(2, 0, 0, 2, 0, 0);
        c.clearRect(0, 0, 18, 18);
        style.dash || style.shape === undefined ? drawArea(c, inks.read(), style, [[[2, 3], [16, 3], [16, 15], [2, 15]]]) : drawShape(c, inks.read(), { ...style, radius: Math.min(style.radius ?? 6, 6) }, 9, 9);
    };
    document.addEventListener('bptm-prefs', paint);
    requestAnimationFrame(paint);
    return add(h('span', { class: 'key' }), canvas, text);
}
