// The jobs of a crew as the server tells them, kept for where there is no network.
import { get, getAll, getTagged } from '/lib/api.js';
import { fresh } from './keep.js';

const BACK_DAYS = 7, AHEAD_DAYS = 7, TAKEN_ALONG = 20;
const DAY_MS = 86_400_000;

const daysFromNow = (days) => new Date(Date.now() + days * DAY_MS).toISOString();

/** Appointments of the crew from a week ago on: { body: [...], at, isOld }. */
export const crewJobs = () => fresh('jobs', async () =>
    ({ body: (await getAll('/v1/appointments', { from: daysFromNow(-BACK_DAYS) }, 400)).items.filter((a) => a.status !== 'cancelled') }));

/** Everything about one job: { app, premise, appointments, visits, documents, commissionings, check, device, planned }. */
export const jobOf = (id) => fresh(`job:${id}`, async () => {
    const path = `/v1/applications/${encodeURIComponent(id)}`;
    const app = await get(path);
    const [premise, check, ...lists] = await Promise.all([get(`/v1/premises/${app.premise_id}`), get(`${path}/meter-check`),
        ...['appointments', 'visits', 'documents', 'commissionings'].map((what) => getAll(`${path}/${what}`, {}, 200))]);
    const [appointments, visits, documents, commissionings] = lists.map((l) => l.items);
    const next = appointments.find((a) => a.status === 'planned');
    const [device, planned] = await Promise.all([check.device && get(`/v1/devices/${check.device}`), next && getTagged(`/v1/appointments/${next.id}`)]);
    return { body: { app, premise, appointments, visits, documents, commissionings, check, device: device || null, planned: planned ? { ...planned.body, etag: planned.etag } : null } };
});

/** Keep the jobs of the coming days, so that they open without a network. */
export async function takeAlong(appointments) {
    const soon = appointments.filter((a) => a.status === 'planned' && a.starts_at < daysFromNow(AHEAD_DAYS));
    for (const id of new Set(soon.slice(0, TAKEN_ALONG).map((a) => a.application_id))) {
        await jobOf(id).catch(() => {});
    }
}

const day = new Intl.DateTimeFormat('en-US', { weekday: 'long', month: 'long', day: 'numeric' });
const clock = new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' });

/** "Monday, November 30" and "8:00 AM to 10:00 AM", in this phone's zone: where the home is. */
export const dayText = (at) => day.format(new Date(at));
export const hoursText = (a) => `${clock.format(new Date(a.starts_at))} to ${clock.format(new Date(a.ends_at))}`;

export const purposeText = (purpose) => ({ survey: 'Panel survey', installation: 'Installation', removal: 'Removal' })[purpose] ?? purpose;
