// Two jobs of two crews, so that each route can be asked for one's own record and for another's.
import { home, request } from './suite_life.mjs';

/** What a crew's job consists of: { application, premise, document, ... }, and the crew's token. */
async function job(api, name, key) {
    const post = (role, target, body) => api.expect(201, 'POST', target, { role, body });
    const { premise_id: premise, customer_id: customer, account_id: account } = await home(api, `R-${name}`, {
        premise: { meter_number: `MTR-R-${name}` }, customer: { email: `r-${name}@example.org`, phone: `+1 555 010${parseInt(key, 16)}` },
    });
    const { id: application, decision } = await post('enrolment', '/v1/applications', request({ premise_id: premise, account_id: account }));
    await api.expect(200, 'POST', `/v1/applications/${application}/transitions`, { role: 'enrolment', body: { action: 'approve' } });
    const at = Date.now() + 86_400_000;
    const planned = { purpose: 'survey', starts_at: new Date(at).toISOString(), ends_at: new Date(at + 3_600_000).toISOString(), crew: `Crew ${name}` };
    const { id: appointment } = await post('enrolment', `/v1/applications/${application}/appointments`, planned);
    const { id: document } = await post('enrolment', `/v1/applications/${application}/documents`, { kind: 'panel_photo', title: 'panel', reference: `dms:${name}` });
    const serial = `ROLES-${name.toUpperCase()}`;
    await post('operator', '/v1/devices', { serial, public_key: key.repeat(64), model: 'BPTM-REF-30', hardware_revision: 'A' });
    await post('operator', `/v1/devices/${serial}/assignments`, { premise_id: premise });
    const { counter } = await post('operator', `/v1/devices/${serial}/commands`, { command: 'read' });
    const { token } = await post('admin', '/v1/tokens', { role: 'installer', crew: `Crew ${name}`, label: `the jobs of ${name}` });
    return { application, decision: decision.id, premise, customer, account, appointment, document, serial, counter, token };
}

export const jobs = async (api) => ({
    own: await job(api, 'Own', 'a'), other: await job(api, 'Other', 'b'),
    personal: ['Customer R-Own', 'R-Own Life Lane', 'r-Own@example.org', '+1 555 01010', 'AC-R-Own', 'MTR-R-Own', 'SP-R-Own'],
});

/** Which record of a job a path names. */
const named = [
    [/^\/v1\/applications\/\{id\}/, 'application'], [/^\/v1\/premises\/\{id\}/, 'premise'],
    [/^\/v1\/customers\/\{id\}/, 'customer'], [/^\/v1\/accounts\/\{id\}/, 'account'],
    [/^\/v1\/appointments\/\{id\}/, 'appointment'], [/^\/v1\/documents\/\{id\}/, 'document'],
    [/^\/v1\/decisions\/\{id\}/, 'decision'], [/^\/v1\/devices\/\{serial\}/, 'serial'],
];

/** The path with this job's record in it; null when it names none, or a call without a body would change it. */
export function recordPath(op, record) {
    const [, name] = named.find(([pattern]) => pattern.test(op.path)) ?? [];
    if (!name || (op.method !== 'GET' && !op.body)) {
        return null;
    }
    return op.path.replace('{id}', record[name]).replace('{serial}', record[name]).replace('{counter}', record.counter);
}
