// What installers find: three jobs of the day, one of them with a real simulated meter in its collar, and a phone with the list's key.
import { until } from '../lib/stack.mjs';
import { settled } from '../lib/browser.mjs';

const HOUR = 3_600_000;

/** The public key that the stack's list is signed with, in hex. */
export const listKey = async (stack) => (await stack.command('ctl', 'key', 'public', stack.file('secret/list.key'))).trim();

/** Serial and public key of the simulated home N, from 1. */
export async function simulated(stack, n) {
    const [serial, public_key, , hardware_revision] = (await stack.text('sim/manifest.csv')).trim().split('\n')[n].split(',');
    return { serial, public_key, model: 'BPTM-REF-30', hardware_revision };
}

/** An approved application with an appointment so many hours from now: { id, premise, appointment }. */
export async function job(maker, { hours = 2, purpose = 'survey', crew = 'Crew 4', ...home }) {
    const made = await maker.apply(home);
    await maker.act(made.id, 'approve');
    const at = Math.ceil(Date.now() / HOUR) * HOUR + hours * HOUR;
    const appointment = await maker.post(`/v1/applications/${made.id}/appointments`, { purpose, starts_at: new Date(at).toISOString(), ends_at: new Date(at + 2 * HOUR).toISOString(), crew });
    return { ...made, appointment };
}

/** All of it; before the season's places are few. */
export async function fillCrew(maker) {
    const { stack } = maker;
    const meter = await simulated(stack, 3);
    await maker.post('/v1/devices', meter, 'operator');
    const installing = await job(maker, { name: 'E. Castellano', street: '118 Broad Street', hours: 0, purpose: 'installation' });
    await maker.post(`/v1/applications/${installing.id}/visits`, { crew: 'utility', socket_form: '2S', panel_amps: 200, result: 'installable' }, 'installer');
    await maker.post(`/v1/applications/${installing.id}/documents`, { kind: 'panel_photo', title: 'Panel, door open', reference: 'DMS-90411' }, 'installer');
    await maker.post(`/v1/devices/${meter.serial}/assignments`, { premise_id: installing.premise.id, application_id: installing.id }, 'installer');
    await maker.post(`/v1/applications/${installing.id}/appointments`, { purpose: 'installation', starts_at: installing.appointment.starts_at, ends_at: installing.appointment.ends_at, crew: 'Crew 4' });
    const survey = await job(maker, { name: 'B. Thorne', street: '27 Nihell Street', hours: 3 });
    await job(maker, { name: 'H. Ybarra', street: '603 Searls Avenue', hours: 26 });
    await until('the meter reports', async () => (await stack.request('GET', `/v1/devices/${meter.serial}`, { role: 'operator' })).body.status, 60);
    return { installing: installing.id, survey: survey.id, meter: meter.serial, listKey: await listKey(stack) };
}

/** Give a phone its key, as a person does. */
export async function pinKey(page, url, key) {
    await page.goto(`${url}/installer/set-up`);
    await settled(page);
    if (await page.getByText('Give this phone another key').count() === 0) {
        await page.getByLabel('Key, or its fingerprint').fill(key);
        await page.getByRole('button', { name: 'Use this key' }).click();
        await page.getByText('Give this phone another key').waitFor();
    }
    await settled(page);
}

/** Something in the outbox that the server refuses: a second survey of a home that is surveyed. */
export async function refusedEntry(page, url, id) {
    await page.goto(`${url}/installer/jobs`);
    await settled(page);
    await page.evaluate(async (job) => {
        const { enter, openEntries } = await import('/installer/outbox.js');
        const { kept } = await import('/installer/keep.js');
        if ((await openEntries()).length === 0) {
            await enter({ job, by: (await kept.get('session')).subject, kind: 'visit', title: 'Panel survey: can go in, 2S, 200 A', path: `/v1/applications/${job}/visits`,
                body: { visited_at: new Date(Date.now() - 7_200_000).toISOString(), crew: 'utility', socket_form: '2S', panel_amps: 200, result: 'installable' } });
        }
    }, id);
}

/** The pages are on the phone, and come from there. */
export const isKept = (page) => page.waitForFunction(async () => Boolean(navigator.serviceWorker.controller)
    && (await (await caches.open((await caches.keys()).find((n) => n.startsWith('bptm-installer-')))).keys()).length > 40);

/** No network from here on, on a phone that has been online. */
export async function goOffline(page, url) {
    await page.goto(`${url}/installer/`);
    await isKept(page);
    await page.context().setOffline(true);
}
