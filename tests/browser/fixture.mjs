// What the pages show in the tests: a small programme with its people, places and applications, made over REST.
import assert from 'node:assert/strict';
import { until } from '../lib/stack.mjs';
import { fillCrew } from './crew.mjs';

const inside = { city: 'Nevada City', postal_code: '95959', longitude: -121.0161, latitude: 39.2616, circuit_id: '012345601' };
const outside = { city: 'Davis', postal_code: '95616', longitude: -121.7405, latitude: 38.5449, circuit_id: '012345699' };

/** name, number and street, where it differs from a home that may have a device */
const homes = [
    { name: 'M. Alvarez', street: '18 Ridge Road' },
    { name: 'J. Okafor', street: '4 Orchard Lane', premise: { service_voltage: undefined } },
    { name: 'S. Lindqvist', street: '231 Mill Street', attestations: { survey_agreed: false, access_agreed: false } },
    { name: 'R. Nakamura', street: '77 Quarry Road', place: outside },
    { name: 'T. Brandt', street: '9 Cedar Court', generator: { make: 'Honda', model: 'EU7000iS' } },
    { name: 'L. Fontaine', street: '1502 Gold Flat', premise: { service_amps: 400 } },
    { name: 'D. Petrov', street: '66 Banner Lava Cap' },
    { name: 'K. Mensah', street: '310 Zion Street' },
    { name: 'A. Whitfield', street: '12 Bitney Springs' },
    { name: 'C. Duarte', street: '5 Newtown Road' },
    { name: 'P. Haugen', street: '840 Red Dog Road' },
];

export class Maker {
    constructor(stack) {
        this.stack = stack;
        this.n = 0;
    }

    async post(target, body, role = 'enrolment') {
        const answer = await this.stack.request('POST', target, { role, body });
        assert.ok(answer.status < 300, `POST ${target}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body;
    }

    /** Premise, customer, account and application; the application, with its premise and customer. */
    async apply({ name, street, place = inside, premise: more = {}, generator, attestations = {}, customer: person = {} }) {
        const n = String(++this.n).padStart(3, '0');
        const off = (this.n % 7) * 0.0021;
        const premise = await this.post('/v1/premises', {
            code: `SP-2026-${n}`, address: street, meter_number: `10448${n}`, meter_form: '2S', service_amps: 200, service_voltage: '120/240',
            ...place, longitude: place.longitude + off, latitude: place.latitude - off / 2, ...more,
        });
        const customer = await this.post('/v1/customers', { name, phone: `+1 530 555 0${n}`, ...person });
        const account = await this.post('/v1/accounts', { number: `AC-77${n}`, premise_id: premise.id, customer_id: customer.id, kind: 'residential' });
        const application = await this.post('/v1/applications', {
            programme: 'bptm', premise_id: premise.id, account_id: account.id, generator: generator ?? { make: 'DuroMax', model: 'XP13000HX' },
            attestations: { owner_or_permission: true, access_agreed: true, survey_agreed: true, ...attestations, terms_version: '2026-01' },
        });
        return { ...application, premise, customer };
    }

    act(id, action, reason) {
        return this.post(`/v1/applications/${id}/transitions`, { action, ...(reason && { reason }) });
    }

    sql(text) {
        return this.stack.command('run', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text);
    }

    /** A bulk import with its file, as far as it goes by itself. */
    async bulk(kind, name, csv, more = {}) {
        const made = await this.post('/v1/imports', { kind, file_name: name, why: 'monthly extract', ...more });
        const response = await fetch(`${this.stack.url}/v1/imports/${made.id}/file`, {
            method: 'PUT', body: csv, headers: { 'content-type': 'text/csv', authorization: `Bearer ${this.stack.tokens.enrolment}` } });
        assert.ok(response.ok, await response.text());
        await until('the import is checked', async () =>
            ['checked', 'failed'].includes((await this.stack.request('GET', `/v1/imports/${made.id}`, { role: 'enrolment' })).body.state), 60);
        return made.id;
    }
}

export const premisesCsv = (count, from = 1) => ['Service point,Street,Town,Zip,Lon,Lat,Meter no',
    ...Array.from({ length: count }, (_, i) => `SP-IMP-${from + i},${from + i} Lava Cap Road,Nevada City,95959,${(-121.01 - i * 0.0004).toFixed(4)},39.2650,77${1000 + from + i}`)].join('\n') + '\n';

export const premisesMapping = { 'Service point': 'code', Street: 'address', Town: 'city', Zip: 'postal_code', Lon: 'longitude', Lat: 'latitude', 'Meter no': 'meter_number' };

/** All of it; what the pages need to be found by. */
export async function fill(stack) {
    const maker = new Maker(stack);
    const made = [];
    for (const home of homes) {
        made.push(await maker.apply(home));
    }
    const crew = await fillCrew(maker);
    const by = (name) => made.find((m) => m.customer.name === name || homes[made.indexOf(m)].name === name);
    // three places are the crew's, two are left
    await maker.sql(`update programme.programme_year y set quota = 5 from programme.programme p where p.programme_id = y.programme_id and p.code = 'bptm'`);
    await maker.act(by('D. Petrov').id, 'approve');
    await maker.act(by('K. Mensah').id, 'approve');
    await maker.act(by('A. Whitfield').id, 'waitlist');
    await maker.act(by('C. Duarte').id, 'waitlist');
    await maker.act(by('S. Lindqvist').id, 'reopen', 'the customer sends the form').catch(() => {});
    await maker.act(by('P. Haugen').id, 'ask', 'a photo of the panel, with its label readable');
    await maker.sql(`insert into programme.state_deadline (programme_id, state, days)
        select programme_id, s, 14 from programme.programme, unnest('{submitted,in_review,needs_information,eligible}'::text[]) s where code = 'bptm' on conflict do nothing;
        update programme.application a set state_since = now() - make_interval(days => (a.application_id * 7 % 31)::integer, hours => (a.application_id * 5 % 23)::integer)
        where state <> 'waitlisted';
        update programme.application set assignee = case application_id % 3 when 0 then 'desk 2' when 1 then 'desk 5' end`);
    const review = by('J. Okafor').id;
    await maker.post(`/v1/applications/${review}/notes`, { text: 'Called on Monday: the electrician will read the service voltage from the label.' });
    await maker.post(`/v1/applications/${review}/documents`, { kind: 'panel_photo', title: 'Panel, door open', reference: 'DMS-88213' });
    const rows = premisesCsv(24).split('\n');
    rows.splice(5, 0, 'SP-IMP-90,14 Lava Cap Road,Nevada City,95959,-221.01,39.2650,771990', 'SP-IMP-91,,Nevada City,95959,-121.01,39.2650,771991');
    rows.splice(-1, 0, `SP-2026-001,18 Ridge Road,Nevada City,95959,-121.0140,39.2606,10448900`);
    const importId = await maker.bulk('premises', 'premises-2026-11.csv', rows.join('\n'), { mapping: premisesMapping, skip_errors: true });
    return { eligible: by('M. Alvarez').id, review, outside: by('R. Nakamura').id, waiting: by('C. Duarte').id, premise: by('J. Okafor').premise.id, customer: by('J. Okafor').customer.id, account: by('J. Okafor').account_id, importId, crew };
}
