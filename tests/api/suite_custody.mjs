// From hand to hand: warehouse, crew, premise and back; one meter for another; all of it kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, Key, signed } from '../lib/wire.mjs';
import { home, request, toInstallable } from './suite_life.mjs';

export function custody(get) {
    const at = {};
    const call = (status, method, target, role, body, token) => get().expect(status, method, target, { ...(token ? { token } : { role }), body });
    const rules = (problem) => problem.errors.map((e) => e.rule);
    const device = (n) => `CUS-${n}`;
    const make = (n) => call(201, 'POST', '/v1/devices', 'operator', { serial: device(n), public_key: n.toString(16).padStart(2, '0').repeat(32), model: 'BPTM-REF-30', hardware_revision: 'A' });
    const move = (status, n, body, role = 'operator', token = undefined) => call(status, 'POST', `/v1/devices/${device(n)}/custody`, role, body, token);
    const ledger = (n, role = 'operator') => call(200, 'GET', `/v1/devices/${device(n)}/custody`, role);
    const serials = async (target, token) => (await call(200, 'GET', target, 'operator', undefined, token)).items.map((i) => i.serial);

    test('a delivery is received, handed out, handed over and back; each with who, when and why', async () => {
        for (let n = 1; n <= 6; n++) {
            await make(n);
        }
        const made = await ledger(1);
        assert.deepEqual([made.state, made.holder, made.since, made.entries], ['maker', null, null, []]);
        assert.deepEqual(made.actions.map((a) => [a.action, a.gives_to]), [['lose', null], ['receive', 'warehouse'], ['report_stolen', null]]);
        const received = await move(201, 1, { action: 'receive', to: 'Depot East', at: '2026-03-01T08:00:00Z', reason: 'delivery 17' }, 'enrolment');
        assert.deepEqual([received.state, received.holder, received.since.slice(0, 16)], ['warehouse', 'Depot East', '2026-03-01T08:00']);
        await move(201, 1, { action: 'hand_out', to: 'Crew East' });
        await move(201, 1, { action: 'hand_over', to: 'Crew West' });
        const back = await move(201, 1, { action: 'hand_back', to: 'Depot West' });
        assert.deepEqual(back.entries.map((e) => [e.nth, e.action, e.state, e.holder, e.reason, e.role]), [
            [1, 'receive', 'warehouse', 'Depot East', 'delivery 17', 'enrolment'], [2, 'hand_out', 'crew', 'Crew East', null, 'operator'],
            [3, 'hand_over', 'crew', 'Crew West', null, 'operator'], [4, 'hand_back', 'warehouse', 'Depot West', null, 'operator']]);
        const { items: audit } = await call(200, 'GET', `/v1/audit?object=custody:${device(1)}`, 'operator');
        assert.deepEqual(audit.map((a) => a.action), ['custody.hand_back', 'custody.hand_over', 'custody.hand_out', 'custody.receive']);
        assert.deepEqual([audit[3].reason, audit[0].before, audit[0].after.holder], ['delivery 17', { state: 'crew', holder: 'Crew West' }, 'Depot West']);
    });

    test('what the table does not have is refused with the rule, and is no entry', async () => {
        const wrong = await move(409, 1, { action: 'receive', to: 'Depot East' });
        assert.deepEqual([rules(wrong), wrong.detail], [['STATE'], 'A device whose state is warehouse does not have the action receive.']);
        const lacking = await move(409, 1, { action: 'scrap' });
        assert.deepEqual(lacking.errors, [{ pointer: '/reason', rule: 'REASON', detail: 'It takes a reason.' }]);
        assert.deepEqual(rules(await move(409, 1, { action: 'scrap', reason: 'old' }, 'enrolment')), ['ROLE']);
        assert.deepEqual(rules(await move(409, 1, { action: 'hand_out' })), ['TO']);
        assert.deepEqual(rules(await move(409, 1, { action: 'move', to: 'Depot West' })), ['TO'], 'it is there');
        await move(403, 1, { action: 'hand_out', to: 'Crew East' }, 'analyst');
        await call(404, 'POST', '/v1/devices/NO-SUCH-1/custody', 'operator', { action: 'receive', to: 'Depot East' });
        assert.equal((await ledger(1)).entries.length, 4);
    });

    test('two who take the same meter: one gets it', async () => {
        const answers = await Promise.all(['Crew A', 'Crew B', 'Crew C', 'Crew D'].map((to) => get().call('POST', `/v1/devices/${device(1)}/custody`, { role: 'operator', body: { action: 'hand_out', to } })));
        assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409, 409, 409]);
        const { entries, holder } = await ledger(1);
        assert.equal(entries.length, 5);
        await move(201, 1, { action: 'hand_back', to: 'Depot West' });
        assert.match(holder, /^Crew [A-D]$/);
    });

    test('a crew sees the stock and its own, takes for itself, gives what it has, and not another\'s', async () => {
        for (const crew of ['East', 'West']) {
            at[crew] = (await call(201, 'POST', '/v1/tokens', 'admin', { role: 'installer', crew: `Crew ${crew}`, label: `custody ${crew}` })).token;
        }
        await move(409, 2, { action: 'hand_out', to: 'Crew West' }, null, at.East); // not received
        await move(201, 2, { action: 'receive', to: 'Depot East' });
        assert.deepEqual(rules(await move(409, 2, { action: 'hand_out', to: 'Crew West' }, null, at.East)), ['OWN_CREW']);
        await move(201, 2, { action: 'hand_out', to: 'Crew East' }, null, at.East);
        assert.deepEqual(await serials('/v1/custody?holder=Crew%20East', at.East), [device(2)]);
        assert.deepEqual(await serials('/v1/custody?holder=Crew%20East'), [device(2)]);
        assert.deepEqual(await serials('/v1/custody?holder=Crew%20East', at.West), []);
        assert.ok((await serials('/v1/custody?state=maker', at.West)).includes(device(6)));
        for (const [method, path, body] of [['GET', '/custody'], ['POST', '/custody', { action: 'hand_back', to: 'Depot East' }], ['GET', '']]) {
            await call(404, method, `/v1/devices/${device(2)}${path}`, null, body, at.West);
        }
        assert.ok(!(await serials('/v1/devices?q=CUS-', at.West)).includes(device(2)));
        assert.ok((await serials('/v1/devices?q=CUS-', at.East)).includes(device(2)));
        const { actions } = await call(200, 'GET', `/v1/devices/${device(2)}/custody`, null, undefined, at.East);
        assert.deepEqual(actions.filter((a) => a.refusals.length === 0).map((a) => a.action), ['hand_back', 'hand_over', 'lose', 'report_stolen']);
    });

    test('a crew puts in what it has or takes from the stock; what another has or was lost goes nowhere', async () => {
        const apply = async (name) => {
            const made = await call(201, 'POST', '/v1/applications', 'enrolment', request(await home(get(), name)));
            await toInstallable(get(), made.id);
            const day = Date.now() + 86_400_000;
            await call(201, 'POST', `/v1/applications/${made.id}/appointments`, 'enrolment', { purpose: 'installation', starts_at: new Date(day).toISOString(), ends_at: new Date(day + 3_600_000).toISOString(), crew: 'Crew East' });
            return made;
        };
        at.first = await apply('CUS1');
        const put = (status, n, token, application = at.first) => call(status, 'POST', `/v1/devices/${device(n)}/assignments`, 'operator', { premise_id: application.premise_id, application_id: application.id }, token);
        await move(201, 3, { action: 'receive', to: 'Depot East' });
        await move(201, 3, { action: 'hand_out', to: 'Crew West' });
        await put(404, 3, at.East);
        await move(201, 4, { action: 'lose', reason: 'not in the box' });
        assert.deepEqual(rules(await put(409, 4)), ['STATE']);
        assert.equal((await call(200, 'GET', `/v1/applications/${at.first.id}`, 'enrolment')).state, 'installable', 'nothing was written');
        await put(201, 2, at.East);
        const now = await ledger(2);
        assert.deepEqual([now.state, now.premise_id, now.application_id, now.holder], ['premise', at.first.premise_id, at.first.id, null]);
        assert.deepEqual(rules(await move(409, 2, { action: 'hand_back', to: 'Depot East' })), ['STATE'], 'it is in the wall');
    });

    test('one for another in one step: both histories stay, the application too', async () => {
        const target = `/v1/applications/${at.first.id}/swaps`, body = { device: device(5), reason: 'the display is broken', condition: 'damaged' };
        assert.equal((await call(422, 'POST', target, null, { ...body, device: device(3) }, at.East)).errors[0].pointer, '/device');
        assert.deepEqual(rules(await call(409, 'POST', target, 'operator', { ...body, device: device(4) })), ['STATE']);
        assert.equal((await ledger(2)).state, 'premise', 'a refused swap took nothing out');
        await call(409, 'POST', target, 'operator', { ...body, device: device(2) }); // for itself
        await call(404, 'POST', target, null, body, at.West);
        const swap = await call(201, 'POST', target, null, body, at.East);
        assert.deepEqual([swap.removed, swap.installed, swap.application_id, swap.condition], [device(2), device(5), at.first.id, 'damaged']);
        const [out, put] = [await ledger(2), await ledger(5)];
        assert.deepEqual([out.state, out.holder, out.entries.at(-1).reason], ['returned', 'Crew East', body.reason]);
        assert.deepEqual([put.state, put.premise_id, put.since], ['premise', at.first.premise_id, out.since]);
        assert.deepEqual(out.entries.map((e) => e.action), ['receive', 'hand_out', 'install', 'remove']);
        assert.equal((await call(200, 'GET', `/v1/applications/${at.first.id}`, 'enrolment')).state, 'installed');
        const { items } = await call(200, 'GET', `/v1/applications/${at.first.id}/removals`, 'operator');
        assert.deepEqual(items.map((r) => [r.device, r.condition]), [[device(2), 'damaged']]);
        assert.equal(await get().exec(`select string_agg(d.serial || ' ' || (a.assigned_to is null), ', ' order by a.assigned_from) from fleet.assignment a join fleet.device d using (device_id) where a.application_id = ${at.first.id}`),
            `${device(2)} false, ${device(5)} true`);
    });

    test('what was taken out goes through the warehouse before it is put in again, or is scrapped', async () => {
        const second = await call(201, 'POST', '/v1/applications', 'enrolment', request(await home(get(), 'CUS2')));
        await toInstallable(get(), second.id);
        const put = (status) => call(status, 'POST', `/v1/devices/${device(2)}/assignments`, 'operator', { premise_id: second.premise_id, application_id: second.id });
        assert.deepEqual(rules(await put(409)), ['STATE']);
        await move(201, 2, { action: 'hand_back', to: 'Depot East' }, null, at.East);
        await put(201);
        await call(201, 'POST', `/v1/applications/${second.id}/removals`, 'operator', { reason: 'the home burnt down', condition: 'lost' });
        assert.deepEqual([(await ledger(2)).state, (await ledger(2)).holder], ['lost', null]);
        await move(201, 2, { action: 'find', to: 'Depot East', reason: 'in the ashes' });
        const end = await move(201, 2, { action: 'scrap', reason: 'burnt' });
        assert.deepEqual([end.state, end.actions, end.entries.length], ['scrapped', [], 9]);
        assert.deepEqual(end.entries.filter((e) => e.revokes).map((e) => [e.action, e.revoked_at]), [['remove_lost', null], ['scrap', null]]);
        assert.equal((await call(200, 'GET', `/v1/devices/${device(2)}`, 'operator')).state, 'retired');
        assert.match((await call(409, 'POST', `/v1/devices/${device(2)}/assignments`, 'operator', { premise_id: second.premise_id, application_id: second.id })).detail, /retired/);
    });

    test('another key is taken by its proof, and both are told with their time', async () => {
        const [old, fresh] = [1, 2].map((n) => new Key(Buffer.alloc(32, n))), serial = 'CUS-KEY';
        await call(201, 'POST', '/v1/devices', 'operator', { serial, public_key: old.public.toString('hex'), model: 'BPTM-REF-30', hardware_revision: 'A' });
        const proof = signed(old, 'key', serial, signed(fresh, 'key', serial, encode(new Map([[1, fresh.public], [2, old.kid]])))).toString('hex');
        const rotate = (status, body, role = 'operator') => call(status, 'POST', `/v1/devices/${serial}/keys`, role, body);
        await rotate(403, { proof }, 'installer');
        assert.equal((await rotate(422, { proof: proof.replace(/.$/, (c) => (c === '0' ? '1' : '0')) })).errors[0].pointer, '/proof');
        assert.equal((await rotate(422, { proof: `${proof}0` })).errors[0].pointer, '/proof');
        const { keys, trust } = await rotate(201, { proof });
        assert.equal(trust, 'announced');
        assert.deepEqual(keys.map((k) => k.public_key), [old.public.toString('hex'), fresh.public.toString('hex')]);
        assert.equal(Date.parse(keys[0].valid_to) - Date.parse(keys[1].valid_from), 604_800_000, 'a week, when nothing is said');
        await rotate(409, { proof });
    });

    test('ledger and assignments never differ', async () => {
        assert.equal(await get().exec("select count(*) from programme.custody_disagreement x join fleet.device d using (device_id) where d.serial like 'CUS-%'"), '0');
        assert.equal(await get().exec("select count(*) from programme.custody c where exists (select from programme.custody p where p.device_id = c.device_id and p.nth = c.nth - 1) is not true and c.nth > 1"), '0', 'no entry lacks');
    });
}
