// Collections of features (whatever has a place) as the pages take them: flat, paged, with a stated limit.
import { get } from './api.js';

/** Most features of a collection that a page takes; what is beyond is said. */
export const FEATURES_MOST = 5000;

/** A feature, flat: { id, at: [longitude, latitude] or null, geometry, ...its properties }. */
export const flat = (f) => ({ ...f.properties, id: f.id, geometry: f.geometry, at: f.geometry?.type === 'Point' ? f.geometry.coordinates : null });

/**
 * Features of a collection, page by page.
 * @param query  bbox, datetime
 * @return { items, matched, more }: `more` when the limit left some out
 */
export async function features(name, query = {}, { most = FEATURES_MOST, signal } = {}) {
    const items = [];
    let cursor, matched = 0;
    do {
        const page = await get(`/collections/${name}/items`, { ...query, limit: 1000, cursor }, { signal });
        items.push(...page.features.map(flat));
        matched = page.numberMatched;
        const next = page.links.find((l) => l.rel === 'next');
        cursor = next && new URL(next.href, location.href).searchParams.get('cursor');
    } while (cursor && items.length < most);
    return { items: items.slice(0, most), matched, more: items.length < matched };
}

const cross = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);

/** The convex hull of points, or of fewer than three what there is. */
export function hull(points) {
    const all = [...new Map(points.map((p) => [p.join(), p])).values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    if (all.length < 3) {
        return all;
    }
    const half = (list) => {
        const made = [];
        for (const p of list) {
            while (made.length > 1 && cross(made.at(-2), made.at(-1), p) <= 0) {
                made.pop();
            }
            made.push(p);
        }
        return made.slice(0, -1);
    };
    return [...half(all), ...half(all.reverse())];
}

/** Polygons of a geometry, each a list of rings. */
export const polygonsOf = (geometry) => ({ Polygon: () => [geometry.coordinates], MultiPolygon: () => geometry.coordinates })[geometry?.type]?.() ?? [];
