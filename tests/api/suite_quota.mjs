// Places of a season: never more than there are, and given out in the order in which homes became eligible.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { home, request } from './suite_life.mjs';

const HOMES = 24, PLACES = 7;
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

export function quota(get) {
    const at = { programme: 'q-test' };
    const call = (method, role, target, body, headers) => get().call(method, target, { role, body, headers });
    const move = (id, action, reason) => call('POST', 'enrolment', `/v1/applications/${id}/transitions`, { action, ...(reason && { reason }) });
    const rules = ({ body }) => body.errors.map((e) => e.rule).join();
    const year = () => get().expect(200, 'GET', `/v1/programme-years/${at.year}`, { role: 'analyst' });
    const states = async () => (await get().exec(`select state || ' ' || count(*) from programme.application where programme_id = ${at.programme_id} group by state order by 1`)).split('\n');
    const waiting = async () => {
        const { items } = await get().expect(200, 'GET', `/v1/applications?programme=${at.programme}&state=waitlisted`, { role: 'enrolment' });
        return items.sort((a, b) => a.waitlist_position - b.waitlist_position).map((a) => [a.id, a.waitlist_position]);
    };

    test('a programme of its own, with a season', async () => {
        const made = await get().expect(201, 'POST', '/v1/programmes', { role: 'operator', body: { code: at.programme, name: 'Quota', kind: 'free' } });
        assert.deepEqual([made.season, made.ruleset], [null, null]);
        assert.equal((await get().expect(409, 'POST', '/v1/programmes', { role: 'operator', body: { code: at.programme, name: 'Quota', kind: 'free' } })).errors[0].pointer, '/code');
        at.programme_id = await get().exec(`select programme_id from programme.programme where code = '${at.programme}'`);
        await get().exec(`insert into programme.ruleset (programme_id, version, title, valid_from, rules) values (${at.programme_id}, 1, 'any home', '2020-01-01', '[{"code": "ACCOUNT", "kind": "account"}]')`);
        const years = `/v1/programmes/${at.programme}/years`;
        const { id } = await get().expect(201, 'POST', years, { role: 'operator', body: { season: 2026, quota: PLACES, opens_on: day(-10), closes_on: day(10) } });
        at.year = id;
        assert.equal((await get().expect(409, 'POST', years, { role: 'operator', body: { season: 2027, opens_on: day(5) } })).errors[0].pointer, '/opens_on');
        assert.deepEqual((await get().expect(200, 'GET', years, { role: 'enrolment' })).items.map((y) => y.id), [id]);
        assert.deepEqual((await get().expect(200, 'GET', `/v1/programmes/${at.programme}`, { role: 'installer' })).season, { season: 2026, quota: PLACES, reserved: 0 });
        at.homes = await Promise.all(Array.from({ length: HOMES }, (_, n) => home(get(), `Q${n}`)));
        at.ids = (await Promise.all(at.homes.map((h) => get().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(h, { programme: at.programme }) })))).map((a) => a.id);
        // a turn of its own for each, not in the order of the ids
        await get().exec(`update programme.application set eligible_at = now() - (interval '1 minute' * ((application_id * 7) % 31)) where programme_id = ${at.programme_id}`);
        at.order = (await get().exec(`select application_id from programme.application where programme_id = ${at.programme_id} order by eligible_at, application_id`)).split('\n').map(Number);
    });

    test('many approvals at once never give more places than there are', async () => {
        const answers = await Promise.all(at.ids.map((id) => move(id, 'approve')));
        const approved = answers.filter((a) => a.status === 200);
        assert.equal(approved.length, PLACES);
        assert.ok(answers.every((a) => a.status === 200 || (a.status === 409 && rules(a) === 'QUOTA_FREE')), answers.map((a) => a.text).join('\n'));
        assert.equal((await year()).reserved, PLACES);
        assert.ok(approved.every((a) => a.body.season === 2026));
        at.approved = approved.map((a) => a.body.id);
        at.left = at.order.filter((id) => !at.approved.includes(id));
    });

    test('the others wait in the order in which they became eligible', async () => {
        assert.deepEqual(await Promise.all(at.left.map(async (id) => (await move(id, 'waitlist')).status)), at.left.map(() => 200));
        assert.deepEqual(await waiting(), at.left.map((id, n) => [id, n + 1]));
        assert.deepEqual(await states(), [`approved ${PLACES}`, `waitlisted ${HOMES - PLACES}`]);
    });

    test('a place that becomes free goes to the next, also when many leave at once', async () => {
        const leaving = at.approved.slice(0, 4);
        const answers = await Promise.all(leaving.map((id) => move(id, 'withdraw', 'sold the house')));
        assert.deepEqual(answers.map((a) => a.status), [200, 200, 200, 200]);
        const next = at.left.splice(0, 4);
        for (const id of next) {
            const { state, season } = await get().expect(200, 'GET', `/v1/applications/${id}`, { role: 'enrolment' });
            assert.deepEqual([state, season], ['approved', 2026], `application ${id}`);
        }
        assert.deepEqual(await waiting(), at.left.map((id, n) => [id, n + 1]));
        assert.deepEqual([(await year()).reserved, (await year()).waiting], [PLACES, at.left.length]);
        const { items } = await get().expect(200, 'GET', `/v1/applications/${next[0]}/transitions`, { role: 'enrolment' });
        assert.deepEqual([items.at(-1).action, items.at(-1).role, items.at(-1).reason], ['promote', 'QUOTA', 'a place became free']);
    });

    test('approvals, withdrawals and a raised quota all at once: places and holders agree', async () => {
        const held = (await get().exec(`select application_id from programme.application where programme_id = ${at.programme_id} and state = 'approved' order by 1`)).split('\n');
        const answers = await Promise.all([
            ...held.slice(0, 3).map((id) => move(id, 'close', 'no answer')),
            ...at.left.slice(-2).map((id) => move(id, 'withdraw', 'bought a battery')),
            call('PATCH', 'operator', `/v1/programme-years/${at.year}`, { quota: PLACES + 2 }),
            ...at.left.slice(0, 3).map((id) => move(id, 'ask', 'a photo of the panel')),
        ]);
        assert.ok(answers.every((a) => [200, 409].includes(a.status)), answers.map((a) => a.text).join('\n'));
        assert.equal(await get().exec(`select count(*) from programme.application where programme_year_id = ${at.year} and state = 'approved'`), String(PLACES + 2));
        assert.equal((await year()).reserved, PLACES + 2);
        const early = await get().exec(`select count(*) from programme.application w join programme.application p using (programme_id)
            where p.programme_id = ${at.programme_id} and w.state = 'waitlisted' and p.state = 'approved' and p.application_id in
              (select application_id from programme.application_event where action = 'promote') and (w.eligible_at, w.application_id) < (p.eligible_at, p.application_id)`);
        assert.equal(early, '0', 'nobody waits who became eligible before one that moved up');
    });

    test('a new one does not pass those who wait; a quota below what is given is refused', async () => {
        const { state, id } = await get().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: request(await home(get(), 'QN'), { programme: at.programme }) });
        assert.equal(state, 'eligible');
        assert.equal(rules(await move(id, 'approve')), 'WAITLIST_ORDER,QUOTA_FREE');
        const problem = await get().expect(422, 'PATCH', `/v1/programme-years/${at.year}`, { role: 'operator', body: { quota: 1 } });
        assert.equal(problem.errors[0].pointer, '/quota');
        await get().expect(200, 'PATCH', `/v1/programme-years/${at.year}`, { role: 'operator', body: { quota: null } });
        assert.deepEqual(await waiting(), [], 'without a limit nobody waits');
    });

    test('a programme without a season takes none; a draft waits for it', async () => {
        const programme = 'q-none';
        await get().expect(201, 'POST', '/v1/programmes', { role: 'operator', body: { code: programme, name: 'No season', kind: 'free' } });
        const body = request(await home(get(), 'QE'), { programme });
        const closed = await get().expect(409, 'POST', '/v1/applications', { role: 'enrolment', body });
        assert.deepEqual(closed.errors.map((e) => [e.rule, e.detail]), [['PROGRAMME_OPEN', 'The programme has no season yet.']]);
        const { id } = await get().expect(201, 'POST', '/v1/applications', { role: 'enrolment', body: { ...body, draft: true } });
        assert.equal(rules(await move(id, 'submit')), 'PROGRAMME_OPEN');
        await get().expect(201, 'POST', `/v1/programmes/${programme}/years`, { role: 'operator', body: { season: 2026, opens_on: day(0) } });
        assert.equal((await move(id, 'submit')).status, 200);
    });

    test('a programme takes applications in its season only', async () => {
        await get().expect(200, 'PATCH', `/v1/programme-years/${at.year}`, { role: 'operator', body: { closes_on: day(0) } });
        const late = await get().expect(409, 'POST', '/v1/applications', { role: 'enrolment', body: request(await home(get(), 'QL'), { programme: at.programme }) });
        assert.deepEqual(late.errors.map((e) => e.rule), ['PROGRAMME_OPEN']);
    });
}
