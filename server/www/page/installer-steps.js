// The customer's sheet: how to connect the generator and how to disconnect it, in English and Spanish, to print.
import { h, icon, put } from '/lib/dom.js';
import { fieldPage } from '/installer/frame.js';
import { sheets } from '/installer/steps-text.js';

const place = h('div', { class: 'stack' });

const stepList = ({ title, steps }) => h('section', { class: 'sheet-part' }, h('h3', {}, title), h('ol', { class: 'big-steps' }, steps.map(([what, how]) => h('li', {}, h('b', {}, what), ' ', how))));

function sheet(lang) {
    const t = sheets[lang];
    return h('article', { class: 'sheet', lang },
        h('header', { class: 'sheet-head' }, h('img', { src: '/icon.svg', alt: '', width: 32, height: 32 }), h('div', {}, h('h2', {}, t.title), h('p', {}, t.lead))),
        stepList(t.connect), stepList(t.disconnect),
        h('section', { class: 'sheet-part never' }, h('h3', {}, t.never.title), h('ul', {}, t.never.items.map((i) => h('li', {}, i)))),
        h('footer', { class: 'sheet-part' }, h('h3', {}, t.help), h('p', { class: 'emergency' }, t.emergency), t.lines.map((l) => h('p', { class: 'fill' }, l))));
}

function draw() {
    const chosen = new URLSearchParams(location.search).get('lang');
    const lang = sheets[chosen] ? chosen : 'en';
    put(place, h('div', { class: 'actions no-print', role: 'group', 'aria-label': 'Language' },
        Object.entries(sheets).map(([code, { name }]) => h('button', { lang: code, 'aria-pressed': String(code === lang), on: { click: () => {
            history.replaceState(null, '', `?lang=${code}`);
            draw();
        } } }, name)),
        h('button', { class: 'primary', on: { click: () => print() } }, icon('print'), 'Print')), sheet(lang));
    return place;
}

fieldPage({ title: 'Customer’s steps', roles: ['installer', 'enrolment'], render: draw });
