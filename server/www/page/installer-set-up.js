// This phone: the key that the list is checked with, the list that is here, and what the browser can do.
import { get } from '/lib/api.js';
import { h, icon, put, tag } from '/lib/dom.js';
import { field, form } from '/lib/form.js';
import { section } from '/lib/shell.js';
import { told } from '/lib/state.js';
import { facts } from '/lib/table.js';
import { time } from '/lib/time.js';
import { fieldPage } from '/installer/frame.js';
import { currentList, keyFrom, pin, pinned, REFUSE_DAYS, WARN_DAYS } from '/installer/list.js';
import { scan } from '/installer/scan.js';

const place = h('div', { class: 'stack' });
const inFours = (hex) => hex.match(/.{1,4}/g).join(' ');

async function keyForm() {
    const keysOfServer = async () => (await get('/v1/generator-list-keys')).items;
    const box = field({ name: 'key', label: 'Key, or its fingerprint', required: true, maxlength: 120, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
        help: 'On the crew’s card: 64 digits, or the 16 of the fingerprint. The operator has it from “bptmctl generators sign”.' });
    const made = form({
        label: 'Key of the list', submit: 'Use this key', fields: box,
        act: async ({ key }) => {
            await pin(await keyFrom(key, keysOfServer));
            told('This phone now checks the list with this key.');
            await draw();
        },
    });
    made.querySelector('.actions').append(h('button', { type: 'button', on: { click: async () => {
        const text = await scan('Scan the key', 'The square code on the crew’s card.');
        if (text) {
            box.querySelector('input').value = text;
        }
    } } }, icon('camera'), 'Scan'));
    return made;
}

async function abilities() {
    const rows = [
        ['Works without a network', 'serviceWorker' in navigator, 'needs an https address'],
        ['Checks signatures', Boolean(globalThis.crypto?.subtle), 'needs an https address'],
        ['Keeps what you enter', Boolean(globalThis.indexedDB), 'not in a private window'],
        ['Keeps it when space is short', Boolean(await navigator.storage?.persisted?.()), 'until the browser needs the space'],
        ['Camera', Boolean(navigator.mediaDevices?.getUserMedia), 'choose a picture, or type'],
    ];
    return section('This browser', facts(rows.map(([what, can, why]) => [what, h('span', {}, tag(can ? 'yes' : 'no', can ? 'ok' : 'warn'), !can && h('span', { class: 'small' }, ` ${why}`))])));
}

async function draw() {
    const key = await pinned();
    const state = await currentList();
    const { list, refused } = state;
    put(place,
        section('The list on this phone', refused && h('div', { class: 'state failed', role: 'alert' }, h('p', { class: 'big' }, 'A list was refused.'), h('p', {}, refused.message)),
            list ? facts([['Version', `${list.version}`], ['Published', time(list.published_at)], ['Signed', time(list.signed_at)], ['Sets', `${list.models.length}`], ['From', h('bdi', {}, list.source)],
                ['State', list.isOld ? tag(`${list.days} days old`, 'warn') : tag('good', 'ok')]])
                : h('p', { class: 'none' }, !key ? 'A list is kept once this phone has a key.' : state.isUnsigned ? 'The office has not signed the newest list yet.' : 'None.'),
            h('p', { class: 'small' }, `Older than ${WARN_DAYS} days it is called old, older than ${REFUSE_DAYS} it is not used. An older version than one seen before is never used.`)),
        section('The key', key ? [facts([['Fingerprint', h('code', {}, inFours(key.kid))], ['Given', time(key.at)]]),
            h('details', {}, h('summary', {}, 'Give this phone another key'), h('div', { class: 'stack' }, h('p', {}, 'Only when the operator has told you that the key changed.'), await keyForm()))]
            : [h('p', {}, 'The list is signed. This phone believes it only under the key that you give it, once, from your crew’s card – never under one that comes with the list.'), await keyForm()]),
        await abilities());
    return place;
}

fieldPage({ title: 'This phone', roles: ['installer', 'enrolment'], render: draw });
