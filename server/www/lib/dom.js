// Elements without markup: every text becomes a text node, so nothing that people typed is ever parsed.

const SVG = 'http://www.w3.org/2000/svg';

function set(node, name, value) {
    if (value === undefined || value === null || value === false) {
        return;
    }
    if (name === 'on') {
        for (const [event, listener] of Object.entries(value)) {
            node.addEventListener(event, listener);
        }
    } else if (name === 'style') {
        for (const [property, text] of Object.entries(value)) {
            node.style.setProperty(property, text); // by CSSOM: the policy forbids style attributes
        }
    } else if (name === 'data') {
        Object.assign(node.dataset, value);
    } else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'selected') {
        node[name] = value;
    } else {
        node.setAttribute(name, value === true ? '' : value);
    }
}

function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
        set(node, name, value);
    }
    add(node, ...children);
    if (attributes?.value !== undefined && node.localName === 'select') {
        node.value = attributes.value;
    }
    return node;
}

/** Append children: nodes, texts, numbers, lists of them; null, undefined and false are left out. */
export function add(node, ...children) {
    node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false)
        .map((c) => (c instanceof Node ? c : String(c))));
    return node;
}

/** Put children in place of what is there. */
export function put(node, ...children) {
    node.replaceChildren();
    return add(node, ...children);
}

/** An HTML element: h('a', { href: '/queue', class: 'x', on: { click } }, 'Queue'). */
export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

/** An SVG element. */
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

let last = 0;

/** An id that no other element of the page has. */
export const newId = (what = 'x') => `${what}-${++last}`;

/** A link below this server only; anything else becomes plain text. */
export const link = (href, ...children) => (/^\/(?!\/)/.test(href) ? h('a', { href }, ...children) : h('span', {}, ...children));

/** Save a text as a file. */
export function save(name, type, text) {
    const href = URL.createObjectURL(new Blob([text], { type }));
    h('a', { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/** A tag that says a state by shape and word, not by colour alone. Tone: ok, warn, bad, info, plain. */
export const tag = (text, tone = 'plain') => h('span', { class: `tag ${tone}` }, text);

const icons = {
    menu: 'M3 5h14M3 10h14M3 15h14',
    search: 'M9 3a6 6 0 1 0 0 12A6 6 0 0 0 9 3Zm4.5 10.5L17 17',
    close: 'M5 5l10 10M15 5 5 15',
    sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4',
    clock: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6v4.3l2.8 1.7',
    help: 'M7.4 7.6A2.6 2.6 0 1 1 11 10c-.7.4-1 .9-1 1.7M10 14.4v.2M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z',
    out: 'M8 3H4v14h4M13 6.5 16.5 10 13 13.5M7.5 10h9',
    next: 'M7.5 4.5 13 10l-5.5 5.5',
    check: 'M4 10.5 8 14.5 16 5.5',
    cross: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
    dash: 'M5 10h10',
    plus: 'M5 10h10M10 5v10',
    fit: 'M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4',
    play: 'M6.5 4v12l9.5-6Z',
    pause: 'M7 4.5v11M13 4.5v11',
    back: 'M12.5 4.5 7 10l5.5 5.5',
    down: 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12',
    warn: 'M10 3 1.8 17h16.4ZM10 8v4.4M10 14.6v.2',
    bolt: 'M11 2 4.5 11.5H10L9 18l6.5-9.5H10Z',
    list: 'M7.5 5H17M7.5 10H17M7.5 15H17M3 5h.2M3 10h.2M3 15h.2',
    tray: 'M3 11.5 5 4h10l2 7.5V16H3ZM3 11.5h4.5a2.5 2.5 0 0 0 5 0H17',
    sheet: 'M5 2.5h7l3.5 3.5v11.5H5ZM12 2.5V6h3.5M7.5 10h5.5M7.5 13h5.5',
    camera: 'M3 6h3l1.5-2h5L14 6h3v10H3ZM10 8a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z',
    print: 'M6 7V3h8v4M6 14H3V7h14v7h-3M6 11.5h8V17H6Z',
    key: 'M12.5 3a4.5 4.5 0 1 0-4 6.6L3 15v2h3v-2h2v-2h2l1.2-1.5A4.5 4.5 0 0 0 12.5 3ZM13 6.5h.2',
};

/** A drawn sign; what it means must also stand beside it or in a label. */
export const icon = (name) => s('svg', { viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, s('path', { d: icons[name] }));
