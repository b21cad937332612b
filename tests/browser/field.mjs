// What analysts and operators look at in the tests: three circuits of homes whose devices send real signed
// journals of half a year over the broker, what others say of it, and a fault, a gap and a stranger.
import { LiveDevice } from '../lib/device.mjs';
import { until } from '../lib/stack.mjs';
import { encode, signed } from '../lib/wire.mjs';

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const KIND = { boot: 1, lost: 2, restored: 3, present: 4, absent: 5, toGenerator: 6, toUtility: 7, failed: 8, fault: 10, selfTest: 14 };
const good = [[20, 1204], [21, 1199], [22, 6001]], none = [[20, 0], [21, 0], [22, 0]], engine = [[20, 1187], [21, 1181], [22, 6034]];

/** Circuits of deploy/sample, where they are, and how many homes of them have a device. */
const circuits = [
    { id: '012345601', town: 'Nevada City', zip: '95959', longitude: -121.0161, latitude: 39.2616, homes: 14, spread: 0.018 },
    { id: '012345602', town: 'Grass Valley', zip: '95945', longitude: -121.0603, latitude: 39.2192, homes: 12, spread: 0.018 },
    { id: '012345699', town: 'Cedar Ridge', zip: '95924', longitude: -120.9702, latitude: 39.1988, homes: 8, spread: 0.02 },
];

/** What went out: circuit, days ago, minutes; `late`: homes that stay dark so much longer. */
const outages = [
    ...[[152, 84], [131, 47], [118, 212], [96, 66], [75, 143], [64, 31], [33, 95]].map(([ago, minutes], n) => ({ circuit: n % 3, ago, minutes })),
    { circuit: 0, ago: 140, minutes: 2 }, { circuit: 1, ago: 101, minutes: 3 }, { circuit: 0, ago: 48, minutes: 2.5 },
    { circuit: 2, ago: 20.2, minutes: 31 * 60, generators: 7, late: { homes: 1, minutes: 190 } },
    { circuit: 0, ago: 9.1, minutes: 184, generators: 9, late: { homes: 2, minutes: 125 } },
    { circuit: 1, ago: 6.4, minutes: 2.2 },
    { circuit: 1, ago: 2.5 / 24, minutes: 52, generators: 4, late: { homes: 2 } },
];

/** A device whose records have the times of the story. */
export class Home extends LiveDevice {
    at(when, kind, fields = []) {
        const seq = this.records.length + 1;
        return this.keep(encode(new Map([[0, seq], [1, 1], [2, when - this.began], [3, when], [4, 2], [5, kind], ...fields])));
    }

    /** One outage at this home; `ended` 0: still dark. */
    outage(from, ended, onGenerator) {
        this.at(from, KIND.lost, [[16, 120], ...none]);
        if (onGenerator) {
            this.at(from + 5600, KIND.present, [[16, 5000], ...engine]);
            this.at(from + 9400, KIND.toGenerator, [[17, 9400], [18, 8000], ...engine]);
        }
        if (ended) {
            this.at(ended, KIND.restored, [[16, 80], ...good]);
        }
        if (ended && onGenerator) {
            this.at(ended + 12_300, KIND.toUtility, [[17, 12_300], [18, 12_000], [19, 10], ...good]);
            this.at(ended + 4 * MINUTE, KIND.absent, [[16, 1000]]);
        }
    }

    /** Its signed status; `what` may say more than that all is well. */
    async tell({ state = 1, leds = [1, 0, 0, 0], contactors = 1, utility = [1204, 1199, 6001], generator = [0, 0, 0], load = 84, faults = 0 } = {}) {
        const payload = encode(new Map([[1, 1], [2, Date.now() - this.began], [3, Date.now()], [4, 2], [5, state], [6, leds], [7, contactors], [8, utility],
            [9, generator], [10, load], [11, 0], [12, '1.4.2'], [13, this.records.length], [14, this.records.length], [15, 41], [16, 1], [17, faults], [18, 1]]));
        await this.publish(encode(new Map([[1, 1], [2, true]])), 'up/link');
        return this.publish(signed(this.key, 'status', this.id, payload), 'up/status');
    }
}

export const serials = circuits.flatMap((c, k) => Array.from({ length: c.homes }, (_, n) => `BT-72${k}${String(n + 1).padStart(3, '0')}`));

async function install(maker, stack, began) {
    const homes = [];
    for (const [k, c] of circuits.entries()) {
        for (let n = 0; n < c.homes; n++) {
            const turn = n * 2.399963, reach = c.spread * Math.sqrt((n + 0.6) / c.homes); // a sunflower: near, never on each other
            const premise = await maker.post('/v1/premises', {
                code: `SP-F${k}-${String(n + 1).padStart(3, '0')}`, address: `${12 + 7 * n} ${['Banner Ridge', 'Lava Cap', 'Cedar Loop'][k]} Road`, city: c.town, postal_code: c.zip,
                circuit_id: c.id, meter_form: '2S', service_amps: 200, service_voltage: '120/240', meter_number: `2072${k}${n + 100}`,
                longitude: c.longitude + reach * Math.cos(turn) * 1.25, latitude: c.latitude + reach * Math.sin(turn),
            });
            const home = new Home(stack, `BT-72${k}${String(n + 1).padStart(3, '0')}`);
            Object.assign(home, { circuit: k, n, began, premise });
            await home.register();
            await maker.post(`/v1/devices/${home.id}/assignments`, { premise_id: premise.id, from: new Date(began).toISOString() }, 'operator');
            homes.push(home);
        }
    }
    await maker.sql(`update programme.premise_circuit set valid_from = '${new Date(began - DAY).toISOString().slice(0, 10)}'
        where premise_id in (select premise_id from programme.premise where code like 'SP-F%')`);
    return homes;
}

function live(homes, now) {
    for (const home of homes) {
        home.at(home.began, KIND.boot, [[19, 1], [29, '1.4.2']]);
        for (const o of [...outages].sort((a, b) => b.ago - a.ago)) {
            if (o.circuit !== home.circuit) {
                continue;
            }
            const from = Math.round(now - o.ago * DAY + home.n * 1700);
            const isLate = home.n < (o.late?.homes ?? 0);
            const ended = isLate && !o.late.minutes ? 0 : Math.round(from + (o.minutes + (isLate ? o.late.minutes : 0)) * MINUTE + home.n * 11_000);
            home.outage(from, ended, home.n % 2 === 0 ? home.n / 2 < (o.generators ?? 3) && o.minutes > 5 : o.generators > home.n / 2 + 4);
        }
    }
}

const statements = (now) => {
    const at = (ago) => `'${new Date(now - ago * DAY).toISOString()}'`;
    return `insert into outage.source (code, name, kind, time_zone, customers_served) values ('utility', 'Outage feed of the utility', 'feed', 'America/Los_Angeles', 24000) on conflict do nothing;
        insert into outage.feed_outage (source, number, started_at, first_seen_at, ended_at, customers, geom, cause) values
        ('utility', '4417', ${at(9.09)}, ${at(9.09)}, ${at(8.96)}, 1240, 'SRID=4326;POINT(-121.012 39.259)', 'vegetation'),
        ('utility', '4423', ${at(9.3)}, ${at(9.3)}, ${at(9.05)}, 80, 'SRID=4326;POINT(-121.09 39.29)', 'vehicle');
        insert into outage.utility_event (kind, utility, event, circuit_text, circuit_key, circuit_id, out_at, restored_at, customers)
        values ('psps', 'Sample utility', 'Wind event 3', 'SAMPLE VALLEY-2101', 'samplevalley2101', '012345699', ${at(20.21)}, ${at(18.9)}, 2210);`;
};

/** The first two homes of the simulator, whose firmware runs: registered with their keys, installed beside the others. */
async function installSimulated(maker, stack) {
    const lines = (await stack.text('sim/manifest.csv')).trim().split('\n').filter((line) => line.startsWith('BPTM-SIM')).slice(0, 2);
    for (const [n, line] of lines.entries()) {
        const [serial, publicKey, , revision] = line.split(',');
        await maker.post('/v1/devices', { serial, public_key: publicKey, model: 'BPTM-REF-30', hardware_revision: revision }, 'operator');
        const premise = await maker.post('/v1/premises', {
            code: `SP-SIM-${n + 1}`, address: `${3 + 2 * n} Pioneer Lane`, city: 'Nevada City', postal_code: '95959', circuit_id: '012345601',
            meter_form: '2S', service_amps: 200, service_voltage: '120/240', meter_number: `20729${n}`, longitude: -121.031 + n * 0.004, latitude: 39.276,
        });
        await maker.post(`/v1/devices/${serial}/assignments`, { premise_id: premise.id }, 'operator');
    }
    return lines.map((line) => line.split(',')[0]);
}

/** All of it; { homes, simulated: serials, storm and open: events }. */
export async function fillField(maker, stack) {
    const now = Date.now();
    const homes = await install(maker, stack, now - 160 * DAY);
    const simulated = await installSimulated(maker, stack);
    await maker.sql(statements(now));
    live(homes, now);
    const by = (id) => homes.find((home) => home.id === id);
    const broken = by('BT-720014'), gap = by('BT-720013');
    broken.at(now - 5 * HOUR, KIND.fault, [[19, 24], [20, 1187], [21, 1181]]);
    by('BT-721010').at(now - 26 * HOUR, KIND.failed, [[19, 21], [20, 640], [21, 20]]);
    await Promise.all(homes.map(async (home) => {
        await home.connect();
        if (home !== gap) {
            await home.drain();
        }
        await home.tell();
    }));
    const last = gap.records.length;
    for (let n = 1; n <= 3; n++) {
        gap.at(now - (4 - n) * HOUR, KIND.selfTest, [[32, 0]]);
    }
    await gap.send(1, last);
    await gap.receipted((r) => r.through === last);
    await gap.send(last + 2, last + 3);
    await broken.tell({ state: 6, leds: [0, 2, 0, 3], contactors: 0, generator: [1187, 1181, 6034], load: 0, faults: 1 << 4 });
    await by('BT-721001').tell({ state: 5, leds: [0, 1, 0, 0], contactors: 2, utility: [0, 0, 0], generator: [1187, 1181, 6034], load: 173 });
    await by('BT-721002').tell({ state: 1, leds: [0, 0, 0, 0], utility: [0, 0, 0], load: 0 });
    await broken.publish(Buffer.from('not a batch'));
    const silent = by('BT-722008'); // as it is when nothing came for long
    await until('its status', async () => (await stack.request('GET', `/v1/devices/${silent.id}`, { role: 'operator' })).body.status);
    await maker.sql(`update fleet.device_status set device_at = device_at - interval '3 hours', received_at = received_at - interval '3 hours'
        where device_id = (select device_id from fleet.device where serial = '${silent.id}')`);
    await until('the events are derived', async () => {
        const { body } = await stack.request('GET', '/v1/outage-events?state=open&kind=nested', { role: 'operator' });
        return body.items.length > 1;
    }, 90);
    await maker.sql(`select outage.count_served(), outage.roll_up('meters', '${new Date(now - 160 * DAY).toISOString().slice(0, 10)}', '${new Date(now + DAY).toISOString().slice(0, 10)}')`);
    const event = async (query) => (await stack.request('GET', `/v1/outage-events?${query}`, { role: 'operator' })).body.items[0].id;
    await until('what others say is matched', async () =>
        (await stack.request('GET', '/v1/outage-links', { role: 'operator' })).body.items.length >= 2, 90);
    await until('the alarms are raised', async () => (await stack.request('GET', '/v1/alarms', { role: 'operator' })).body.items.some((a) => a.kind === 'backfeed'), 60);
    const stormAt = new Date(now - 9.1 * DAY + 185.5 * MINUTE).toISOString(); // some are back, some dark, some on a generator
    return { homes, simulated, stormAt, storm: await event(`circuit_id=012345601&kind=outage&to=${new Date(now - 8 * DAY).toISOString()}`), open: await event('state=open&kind=outage') };
}
