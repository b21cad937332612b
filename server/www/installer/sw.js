// Service worker of the installers' pages: they come from this phone, whole and of one version, network or not.
// Nothing of the API is kept here: what it said is in IndexedDB, and shows its age.

const NAME = 'bptm-installer-@version@'; // the installation puts the hash of all pages here

const files = [
    '/installer/', '/installer/jobs', '/installer/job', '/installer/order', '/installer/outbox', '/installer/steps', '/installer/set-up',
    '/base.css', '/operate.css', '/installer/field.css', '/theme.js', '/icon.svg',
    '/lib/api.js', '/lib/diff.js', '/lib/dom.js', '/lib/form.js', '/lib/grid-words.js', '/lib/keys.js', '/lib/lamps.js', '/lib/menu.js', '/lib/prefs.js', '/lib/session.js', '/lib/shell.js',
    '/lib/state.js', '/lib/table.js', '/lib/time.js', '/lib/trusted.js', '/lib/words.js',
    '/installer/cbor.js', '/installer/find.js', '/installer/frame.js', '/installer/job-steps.js', '/installer/jobs.js', '/installer/keep.js', '/installer/label.js', '/installer/lights.js',
    '/installer/list.js', '/installer/outbox.js', '/installer/qr.js', '/installer/scan.js', '/installer/scan-worker.js', '/installer/signed.js', '/installer/steps-text.js', '/installer/verdict.js',
    '/page/installer.js', '/page/installer-job.js', '/page/installer-jobs.js', '/page/installer-order.js', '/page/installer-outbox.js', '/page/installer-set-up.js', '/page/installer-steps.js',
];
/** What a build may lack (bring.sh says so). */
const extras = ['/vendor/jsqr.js', '/vendor/qrcode.js'];

const fetched = async (cache, path) => {
    const response = await fetch(path, { cache: 'no-cache', redirect: 'error' });
    if (!response.ok) {
        throw new Error(`${path}: ${response.status}`);
    }
    await cache.put(path, response);
};

addEventListener('install', (event) => event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await Promise.all(files.map((path) => fetched(cache, path)));
    await Promise.all(extras.map((path) => fetched(cache, path).catch(() => {})));
    await skipWaiting();
})()));

addEventListener('activate', (event) => event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((n) => n.startsWith('bptm-installer-') && n !== NAME).map((n) => caches.delete(n)));
    await clients.claim();
})()));

addEventListener('fetch', (event) => {
    const { method, url } = event.request;
    const { origin, pathname } = new URL(url);
    if (method !== 'GET' || origin !== location.origin || !(files.includes(pathname) || extras.includes(pathname))) {
        return; // the API, and pages of others
    }
    event.respondWith((async () => (await (await caches.open(NAME)).match(pathname)) ?? fetch(event.request))());
});
