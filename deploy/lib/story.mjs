// One transfer, told through the REST API with the role that would do each step, and read back.
//
// node story.mjs RUN_DIR HTTP_PORT plays it on a running stack and writes RUN_DIR/story.json.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HOME = 1; // the simulated home of the story
const SLACK_MS = 3000; // between the clock here and what was measured there

/** The sample places of deploy/sample: inside the fire zone on a fast-trip circuit, and outside. */
const inside = { city: 'Nevada City', postal_code: '95959', longitude: -121.0161, latitude: 39.2616, circuit_id: '012345601' };
const outside = { city: 'Davis', postal_code: '95616', longitude: -121.7405, latitude: 38.5449, circuit_id: '012345699' };
const generator = { make: 'DuroMax', model: 'XP13000HX' };

/** Lines to the simulator; what it answers. */
export function control(socketPath, line) {
    return new Promise((resolve, reject) => {
        const socket = connect(socketPath);
        let answer = '';
        socket.setTimeout(5000, () => socket.destroy(new Error('the simulator does not answer')));
        socket.on('data', (data) => {
            answer += data;
            if (answer.endsWith('\n')) {
                socket.end();
            }
        });
        socket.on('error', reject);
        socket.on('close', () => resolve(answer.trim()));
        socket.write(`${line}\n`);
    });
}

class Api {
    constructor(url, tokens) {
        this.url = url;
        this.tokens = tokens;
    }

    async send(role, method, target, body) {
        const headers = { authorization: `Bearer ${this.tokens[role]}` };
        if (body) {
            headers['content-type'] = 'application/json';
        }
        const options = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(20_000) };
        const response = await fetch(this.url + target, options);
        const text = await response.text();
        return { status: response.status, body: text ? JSON.parse(text) : undefined };
    }

    async get(role, target) {
        const { status, body } = await this.send(role, 'GET', target);
        assert.equal(status, 200, `GET ${target}: ${status} ${JSON.stringify(body)}`);
        return body;
    }

    async post(role, target, body) {
        const answer = await this.send(role, 'POST', target, body);
        assert.ok([200, 201].includes(answer.status), `POST ${target}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body;
    }
}

/** The story's state: what it talks to, what it has seen. */
class Story {
    constructor({ url, tokens, socket, device, say }) {
        Object.assign(this, { socket, device, say });
        this.api = new Api(url, tokens);
        this.run = Date.now().toString(36).toUpperCase();
        this.began = Date.now();
    }

    async step(title, tell) {
        this.title = title;
        this.say(title);
        await tell();
    }

    async wait(what, seconds, probe) {
        const end = Date.now() + seconds * 1000;
        let last;
        for (;;) {
            last = await probe();
            if (last.done) {
                return last.value;
            }
            assert.ok(Date.now() < end, `${this.title}: not within ${seconds} s: ${what}; last seen ${JSON.stringify(last.value)}`);
            await sleep(250);
        }
    }

    home(line) {
        return control(this.socket, `${HOME} ${line}`);
    }

    /** The device's page once `test` holds. */
    page(what, seconds, test) {
        return this.wait(what, seconds, async () => {
            const value = await this.api.get('operator', `/v1/devices/${this.device.serial}`);
            return { done: test(value), value };
        });
    }

    /** Premise, customer, account and application; the application with its decision. */
    async apply(place, name) {
        const { api, run } = this;
        const premise = await api.post('enrolment', '/v1/premises', {
            code: `SP-${run}-${name}`, address: `${name === 'A' ? 12 : 14} Sample Road`, ...place,
            meter_number: `M-${run}-${name}`, meter_form: '2S', service_amps: 200, service_voltage: '120/240',
        });
        const customer = await api.post('enrolment', '/v1/customers', { name: `Customer ${name}`, medical_baseline: false });
        const account = await api.post('enrolment', '/v1/accounts', {
            number: `AC-${run}-${name}`, premise_id: premise.id, customer_id: customer.id, kind: 'residential', active: true,
        });
        const { id } = await api.post('enrolment', '/v1/applications', {
            programme: 'bptm', premise_id: premise.id, account_id: account.id,
            generator, attestations: { owner_or_permission: true, access_agreed: true, survey_agreed: true },
        });
        return { premise, application: await this.decided(id) };
    }

    /** An application as it is read, its rules told. */
    async decided(id) {
        const application = await this.api.get('enrolment', `/v1/applications/${id}`);
        for (const rule of application.decision.rules) {
            this.say(`  ${rule.result.padEnd(15)} ${rule.code.padEnd(10)} ${rule.sentence}`);
        }
        return application;
    }

    /** Where an earlier story in the same database put the device; nothing the first time. */
    async installed() {
        const { status, body } = await this.api.send('operator', 'GET', `/v1/devices/${this.device.serial}`);
        if (status !== 200 || !body.assignment) {
            return undefined;
        }
        this.say(`  the device is installed since ${body.assignment.from}; its application:`);
        const premise = await this.api.get('enrolment', `/v1/premises/${body.assignment.premise_id}`);
        return { premise, application: await this.decided(body.assignment.application_id) };
    }

    async enrol() {
        const { premise, application } = await this.installed() ?? await this.apply(inside, 'A');
        assert.equal(application.decision.outcome, 'eligible');
        assert.ok(application.decision.rules.every((rule) => ['pass', 'not_applicable'].includes(rule.result)));
        this.premise = premise;
        this.application = application;
        return { outcome: application.decision.outcome, rules: application.decision.rules.length };
    }

    /** Approved, scheduled, and found installable by the crew; nothing when an earlier story did it. */
    async approve() {
        const { api, application: { id, state } } = this;
        if (state === 'installed') {
            return;
        }
        const target = `/v1/applications/${id}`;
        await api.post('enrolment', `${target}/transitions`, { action: 'approve' });
        const starts = Date.now() + 86_400_000;
        await api.post('enrolment', `${target}/appointments`, {
            purpose: 'survey', starts_at: new Date(starts).toISOString(), ends_at: new Date(starts + 3_600_000).toISOString(),
        });
        await api.post('installer', `${target}/visits`, { crew: 'utility', socket_form: '2S', panel_amps: 200, result: 'installable' });
        this.application = await api.get('enrolment', target);
        assert.equal(this.application.state, 'installable');
        this.say(`  application ${id} is ${this.application.state}`);
    }

    async neighbour() {
        const { application } = await this.apply(outside, 'B');
        const failed = application.decision.rules.filter((rule) => rule.result === 'fail').map((rule) => rule.code);
        assert.equal(application.decision.outcome, 'ineligible');
        assert.deepEqual(failed, ['AREA']);
        return { outcome: application.decision.outcome, failed };
    }

    async compatibility() {
        const query = new URLSearchParams(generator);
        const verdict = await this.api.get('installer', `/v1/compatibility?${query}`);
        this.say(`  ${verdict.make} ${verdict.model}: ${verdict.verdict}, ${verdict.grade}`);
        for (const rule of verdict.rules) {
            this.say(`  ${String(rule.result).padEnd(15)} ${rule.code.padEnd(10)} ${rule.sentence ?? rule.reason ?? ''}`);
        }
        assert.ok(['compatible', 'conditional'].includes(verdict.verdict));
        assert.ok(verdict.rules.length > 0);
        return { make: verdict.make, model: verdict.model, verdict: verdict.verdict, grade: verdict.grade };
    }

    /** Register the device as the manifest describes it, put it into the premise, power it up. */
    async install() {
        const { api, device } = this;
        const target = `/v1/devices/${device.serial}`;
        await api.post('operator', '/v1/devices', device);
        await api.post('operator', `${target}/assignments`, { premise_id: this.premise.id, application_id: this.application.id });
        const before = await this.page('a first receipt', 60, settled);
        await this.home('generator stop');
        await this.home('utility on');
        await this.home('reboot');
        const page = await this.page('started, on the utility, all receipted', 90, (d) =>
            settled(d) && d.link?.online && d.status && d.status.boot > (before.status?.boot ?? 0)
            && d.status.contactors.utility_closed && d.status.leds.utility === 'on');
        assert.equal(page.assignment.premise_id, this.premise.id);
        this.say(`  ${device.serial} at premise ${page.assignment.premise_id}, journal head ${page.journal.head}, all receipted`);
    }

    async outage() {
        this.lostAt = Date.now();
        await this.home('utility off');
        const page = await this.page('the utility light off', 60, (d) => d.status.leds.utility === 'off');
        this.say(`  lights ${lights(page)}`);
    }

    async transfer() {
        await this.home('generator start');
        const page = await this.page('the generator contactor closed', 90, (d) => d.status.contactors.generator_closed);
        this.transferredAt = Date.now();
        assert.equal(page.status.contactors.utility_closed, false);
        assert.equal(page.status.leds.generator, 'on');
        this.say(`  lights ${lights(page)}, generator ${page.status.generator.l1_v} V ${page.status.generator.frequency_hz} Hz`);
        await sleep(3000);
    }

    async restore() {
        this.restoredAt = Date.now();
        await this.home('utility on');
        const page = await this.page('the utility contactor closed', 400, (d) => d.status.contactors.utility_closed);
        this.returnedAt = Date.now();
        assert.equal(page.status.contactors.generator_closed, false);
        this.say(`  lights ${lights(page)}`);
        await this.home('generator stop');
    }

    async read() {
        const { api, device } = this;
        const from = new Date(this.lostAt - 60_000).toISOString();
        const outage = await this.wait('the outage, closed', 60, async () => {
            const { items } = await api.get('operator', `/v1/outages?device=${device.serial}&from=${from}`);
            const value = items.find((item) => Math.abs(Date.parse(item.started_at) - this.lostAt) < 2 * SLACK_MS);
            return { done: value?.state === 'closed' && value.returned_at, value };
        });
        const again = await api.get('operator', `/v1/outages/${outage.id}`);
        assert.equal(again.started_at, outage.started_at);
        assert.equal(outage.premise_id, this.premise.id);
        near('start', Date.parse(outage.started_at), this.lostAt);
        near('end', Date.parse(outage.ended_at), this.restoredAt);
        const onGenerator = outage.minutes_on_generator * 60_000;
        near('time on the generator', onGenerator, this.returnedAt - this.transferredAt);
        assert.ok(outage.retransfer_delay_ms >= outage.retransfer_setting_ms, 'returned before its time');
        near('delay of the return', outage.retransfer_delay_ms, outage.retransfer_setting_ms);
        const page = await this.page('all receipted', 60, settled);
        this.say(`  out ${outage.started_at} to ${outage.ended_at}, ${outage.minutes} min`);
        this.say(`  on the generator ${outage.minutes_on_generator} min, transferred after ${outage.transfer_delay_ms} ms`);
        this.say(`  back after ${outage.retransfer_delay_ms} ms, setting ${outage.retransfer_setting_ms} ms`);
        this.say(`  journal head ${page.journal.head} = receipted ${page.journal.receipted}, unaccounted ${page.journal.unaccounted}`);
        const { id, started_at, ended_at, minutes, minutes_on_generator, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms } = outage;
        return {
            outage: { id, started_at, ended_at, minutes, minutes_on_generator, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms },
            journal: { head: page.journal.head, receipted: page.journal.receipted, unaccounted: page.journal.unaccounted },
        };
    }
}

const settled = ({ journal }) =>
    journal.head > 0 && journal.head === journal.receipted && journal.head === journal.claimed && journal.unaccounted === 0;

const lights = ({ status }) => Object.entries(status.leds).map(([name, state]) => `${name}=${state}`).join(' ');

function near(what, seen, expected) {
    assert.ok(Math.abs(seen - expected) < SLACK_MS, `${what}: ${seen}, expected about ${expected}`);
}

/**
 * Play the story; what was seen. `stack` has url, tokens (by role), socket (of the simulator),
 * device { serial, public_key, model, hardware_revision }, say (one line of progress).
 */
export async function play(stack) {
    const story = new Story(stack);
    const seen = { device: stack.device.serial };
    await story.step('staff: an application, decided rule by rule', async () => (seen.decision = await story.enrol()));
    await story.step('staff: the neighbour is outside the area', async () => (seen.neighbour = await story.neighbour()));
    await story.step('staff approve and schedule; the crew looks at the panel', () => story.approve());
    await story.step('installer: will the generator do?', async () => (seen.compatibility = await story.compatibility()));
    await story.step('operator: the device is registered and assigned', () => story.install());
    await story.step('the grid fails', () => story.outage());
    await story.step('the generator is started; the meter transfers', () => story.transfer());
    await story.step('the grid returns; the meter waits and goes back', () => story.restore());
    await story.step('operator: the outage and the journal are read', async () => Object.assign(seen, await story.read()));
    seen.seconds = Math.round((Date.now() - story.began) / 1000);
    return seen;
}

/** What play() needs, from the folder of a stack. */
export function stackOf(run, port, say) {
    const file = (name) => readFileSync(path.join(run, name), 'utf8').trim();
    const roles = ['enrolment', 'installer', 'analyst', 'operator', 'admin'];
    const [head, ...rows] = file('sim/manifest.csv').split('\n').map((line) => line.split(','));
    const row = rows[HOME - 1];
    return {
        url: `http://127.0.0.1:${port}`,
        tokens: Object.fromEntries(roles.map((role) => [role, file(`secret/token-${role}`)])),
        socket: path.join(run, 'sim/control'),
        device: Object.fromEntries(head.map((name, n) => [name, row[n]])),
        say,
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [run, port] = process.argv.slice(2);
    const began = Date.now();
    const say = (line) => console.log(line.startsWith(' ') ? `        ${line}` : `[${String(Math.round((Date.now() - began) / 1000)).padStart(3)} s]   ${line}`);
    try {
        writeFileSync(path.join(run, 'story.json'), `${JSON.stringify(await play(stackOf(run, port, say)))}\n`);
    } catch (error) {
        console.error(`story: ${error.message}`);
        process.exitCode = 1;
    }
}
