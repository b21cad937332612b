// The frame of the installers' pages: who is signed in even without a network, what waits to be sent, the tabs of a phone.
import { get } from '/lib/api.js';
import { add, h, icon, put } from '/lib/dom.js';
import { may, me } from '/lib/session.js';
import { page } from '/lib/shell.js';
import { told } from '/lib/state.js';
import { workerUrl } from '/lib/trusted.js';
import { kept } from './keep.js';
import { onOutbox, openEntries, sendAll } from './outbox.js';

const CHECK_MS = 20_000;

/** Who is signed in; without a network, who was when there was one. Somebody else finds nothing of theirs. */
async function fieldSession() {
    const before = await kept.get('session');
    try {
        const session = await me({ stay: true });
        if (before && before.subject !== session.subject) {
            await kept.clear();
        }
        await kept.set('session', session);
        return session;
    } catch (error) {
        if ((error.status === 0 || error.status >= 500) && before) {
            return before;
        }
        if (error.status === 401) {
            await kept.clear(); // what was told to a session goes with it
            location.replace(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
            return new Promise(() => {});
        }
        throw error;
    }
}

const tabs = [
    ['/installer/', 'bolt', 'Generator'], ['/installer/jobs', 'list', 'Jobs'], ['/installer/outbox', 'tray', 'Outbox'], ['/installer/steps', 'sheet', 'Steps'],
];

function tabBar(count, session) {
    return h('nav', { class: 'field-tabs', 'aria-label': 'In the field' }, tabs.filter(([href]) => href === '/installer/' || href === '/installer/steps' || may(session, ['installer'])).map(([href, sign, label]) =>
        h('a', { href, 'aria-current': location.pathname === href ? 'page' : undefined }, icon(sign), h('span', {}, label), href === '/installer/outbox' && count)));
}

/** "Offline", and how many entries wait. */
function watch(status, count) {
    let isAway = false;
    const draw = async () => {
        const open = await openEntries(), n = open.length, refused = open.filter((e) => e.state === 'refused').length;
        put(count, n > 0 && h('span', { class: 'count-badge', 'aria-label': `${n} not with the server` }, n));
        put(status, isAway && h('span', { class: 'tag warn' }, 'No network'),
            refused > 0 ? h('a', { href: '/installer/outbox', class: 'tag bad' }, `${refused} refused`) : n > 0 && h('a', { href: '/installer/outbox', class: 'tag info' }, `${n} to send`));
    };
    const ask = async () => {
        try {
            await get('/livez', {}, { signal: AbortSignal.timeout(5000) });
            isAway = false;
            await sendAll();
        } catch {
            isAway = true;
        }
        draw();
    };
    onOutbox(draw);
    addEventListener('online', ask);
    addEventListener('offline', ask);
    setInterval(ask, CHECK_MS);
    ask();
}

async function register() {
    navigator.storage?.persist?.(); // so that the browser does not make room by throwing the outbox away
    if (!('serviceWorker' in navigator)) {
        return;
    }
    const hadOne = Boolean(navigator.serviceWorker.controller);
    navigator.serviceWorker.addEventListener('controllerchange', () => hadOne && told('A newer version of these pages is here: it comes with the next page.'));
    await navigator.serviceWorker.register(workerUrl('/installer/sw.js'), { scope: '/installer/' });
}

/** A page of installers: as lib/shell.js makes it, with what works in the field around it. */
export async function fieldPage(options) {
    const status = h('div', { class: 'field-status', role: 'status' });
    const count = h('span', {});
    document.documentElement.classList.add('field');
    await page({ ...options, session: fieldSession, status });
    const session = await kept.get('session');
    if (session) {
        add(document.body, tabBar(count, session));
        watch(status, count);
    }
    register().catch((error) => console.warn(`these pages will not work without a network: ${error.message}`));
}
