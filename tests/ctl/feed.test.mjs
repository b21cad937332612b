// bptmctl import feed: a utility's outages, and the indices that follow from them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Ctl } from './ctl.mjs';

let ctl;
before(async () => {
    ctl = await Ctl.create();
});
after(() => ctl?.destroy());

const header = 'outage_id,start_epoch,first_seen_epoch,last_seen_epoch,max_est_customers,lat,lon,region,cause_last';
const at = (text) => Date.parse(text) / 1000;
const row = (id, from, minutes, customers, cause = '') =>
    `${id},${at(from)},${at(from) + 60},${at(from) + minutes * 60},${customers},38.5,-121.5,Town,${cause}`;
const fresh = ['--name', 'Test feed', '--time-zone', 'Etc/GMT+8', '--customers', '1000'];
const load = async (text, ...options) => ctl.run('import', 'feed', await ctl.file('feed.csv', text), '--feed', 'test', ...options);

test('a new feed has to be described', async () => {
    const { code, stderr } = await load(`${header}\n`);
    assert.equal(code, 1);
    assert.match(stderr, /there is no feed 'test' yet: give its name, time zone and customers served/);
});

test('rows become interruptions, and indices', async () => {
    const text = [header, row('007', '2020-01-01T12:00:00Z', 60, 100, 'the weather.'), row('008', '2020-01-01T07:59:00Z', 30, 10),
        row('009', '2020-01-01T12:00:00Z', 60, 0), row('010', '2020-01-01T12:00:00Z', 20161, 5), row('011', '2020-01-02T12:00:00Z', 5, 7)].join('\n');
    assert.equal((await load(text, ...fresh)).stdout, '5 rows, 5 changes, 2 doubtful\n');
    assert.deepEqual(await ctl.sql('select number, cause, doubt from outage.feed_outage order by 1'), [
        { number: '007', cause: 'weather', doubt: null }, { number: '008', cause: 'unknown', doubt: null },
        { number: '009', cause: 'unknown', doubt: 'no_customers' }, { number: '010', cause: 'unknown', doubt: 'too_long' },
        { number: '011', cause: 'unknown', doubt: null }]);
    assert.deepEqual(await ctl.sql("select saidi, saifi, maifi_e from outage.indices('test', '2020-01-01', '2020-02-01')"), [{ saidi: 6, saifi: 0.1, maifi_e: 0.007 }]);
    assert.deepEqual(await ctl.sql("select saidi from outage.indices('test', '2019-12-31', '2020-01-01')"), [{ saidi: 0.3 }], 'in the time zone of the feed');
    assert.equal((await load(text)).stdout, '5 rows, 0 changes, 2 doubtful\n', 'the same file again changes nothing');
});

test('the row seen last counts', async () => {
    const text = [header, row('007', '2020-01-01T12:00:00Z', 90, 100), row('007', '2020-01-01T12:00:00Z', 120, 100), row('007', '2020-01-01T12:00:00Z', 30, 900)].join('\n');
    assert.equal((await load(text)).stdout, '3 rows, 1 changes, 2 doubtful\n');
    assert.deepEqual(await ctl.sql("select saidi from outage.indices('test', '2020-01-01', '2020-02-01')"), [{ saidi: 12 }]);
    assert.equal((await load([header, row('007', '2020-01-01T12:00:00Z', 100, 100)].join('\n'))).stdout, '1 rows, 0 changes, 2 doubtful\n', 'older news changes nothing');
});

test('a cell that cannot be is named, and nothing is kept', async () => {
    const good = row('100', '2020-03-01T12:00:00Z', 60, 1);
    const wrong = { 'start_epoch: \'soon\'': good.replace(/^100,\d+/, '100,soon'), 'max_est_customers: \'-1\'': good.replace(',1,38.5', ',-1,38.5'),
        'lat: \'91\'': good.replace('38.5', '91'), 'lon: \'12,1\'': good.replace('-121.5', '"12,1"'), 'outage_id: \'\'': good.replace(/^100/, ''),
        'last_seen_epoch: \'1e9\'': good.replace(/,\d+,1,38/, ',1e9,1,38') };
    for (const [place, bad] of Object.entries(wrong)) {
        const { code, stderr } = await load(`${header}\n${good}\n${bad}\n`);
        assert.equal(code, 1, place);
        assert.ok(stderr.includes(`row 3, column ${place}`), `${place}: ${stderr}`);
    }
    assert.match((await load('a,b\n1,2\n')).stderr, /row 1: has no column outage_id/);
    assert.match((await load(`${header}\n"open\n${'x'.repeat(70000)}`)).stderr, /longer than 65536 bytes/);
    assert.equal(await ctl.value("(select count(*) from outage.feed_outage where number = '100')"), 0);
});

test('our own meters are no feed', async () => {
    const { stderr } = await ctl.run('import', 'feed', await ctl.file('feed.csv', `${header}\n`), '--feed', 'meters');
    assert.match(stderr, /'meters' is not a feed/);
});

// -- a regulator's roll-up of shutoffs ------------------------------------------------------------------
const rollUp = 'IOU,Circuit Name,Outage Start Date,Outage Start Time,Full Restoration Date/Time,Outage Duration,Total Customers,HFTD Tier(s)\n';
const shutoffs = async (text, ...options) => ctl.run('import', 'psps', await ctl.file('psps.csv', rollUp + text), '--time-zone', 'America/Los_Angeles', ...options);

test('a roll-up is read as it is written', async () => {
    await ctl.execute("insert into programme.circuit (circuit_id, name) values ('042101105', 'ALHAMBRA 1105')");
    const text = 'PG&E,ALHAMBRA-1105*,10/26/2019,20:19,10/28/2019 20:44,48:25,"1,851","Tier 2, Tier 3"\nPGE,Elsewhere 1,2019-10-26,20:19,idle line,,3,N/A\n';
    const dry = await shutoffs(text, '--dry-run');
    assert.match(dry.stdout, /^2 rows, 2 new, 0 changed, 0 unchanged, 0 errors\nrow 2: create PG&E 2019-10-26 ALHAMBRA-1105\* 2019-10-27T03:19:00\.000Z: /);
    assert.match(dry.stdout, /row 3: create .*doubts "not_restored;circuit_unknown"/);
    assert.equal(await ctl.value('(select count(*) from outage.utility_event)'), 0);
    assert.match((await shutoffs(text)).stdout, /^2 rows, 2 new, 0 changed, 0 unchanged, 0 errors\ncommitted as import \d+\n$/);
    assert.deepEqual(await ctl.sql('select utility, circuit_id, customers, tiers, doubts from outage.utility_event order by customers'), [
        { utility: 'PG&E', circuit_id: null, customers: 3, tiers: [], doubts: ['not_restored', 'circuit_unknown'] },
        { utility: 'PG&E', circuit_id: '042101105', customers: 1851, tiers: ['tier2', 'tier3'], doubts: [] }]);
    assert.match((await shutoffs(text)).stdout, /^2 rows, 0 new, 0 changed, 2 unchanged, 0 errors\n/);
    const changed = text.replace('"1,851"', '1850');
    assert.match((await shutoffs(changed, '--dry-run')).stdout, /^2 rows, 0 new, 1 changed, 1 unchanged, 0 errors\nrow 2: update .*: customers 1851 -> 1850\n$/);
});

test('each wrong cell is told with its row, and refuses the file or its row', async () => {
    const text = 'PG&E,ALHAMBRA 1105,11/1/2019,10:00,11/2/2019 10:00,24,5,\nNobody,ALHAMBRA 1105,tomorrow,,11/2/2019 10:00,24,5,\n';
    const refused = await shutoffs(text);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /row 3, column IOU, value 'Nobody': is not known.*\nrow 3, column Outage Start Date, value 'tomorrow': is not a time/);
    assert.match(refused.stderr, /has errors; nothing was imported/);
    assert.match((await shutoffs(text, '--skip-errors')).stdout, /^2 rows, 1 new, 0 changed, 0 unchanged, 2 errors\ncommitted/);
    assert.match((await ctl.run('import', 'epss', await ctl.file('x.csv', 'a,b\n1,2\n'), '--time-zone', 'UTC')).stderr, /no column for utility/);
    assert.match((await ctl.run('import', 'epss', await ctl.file('x.csv', 'Utility,IOU\n1,2\n'), '--time-zone', 'UTC')).stderr, /the columns 'Utility', 'IOU' are all utility/);
    assert.match((await shutoffs('PG&E,x\n')).stderr, /row 2: has 2 cells, the header 8|row 2.*has 2 cells, the header 8/);
    assert.match((await shutoffs('PG&E,x\n', '--time-zone', 'Mars/Olympus')).stderr, /there is no time zone 'Mars\/Olympus'/);
});

// -- what the utility's meters say --------------------------------------------------------------------
const meterEvent = (code, time, meter) => `<EndDeviceEvent><createdDateTime>${time}</createdDateTime><EndDeviceEventType ref="${code}"/><Assets><mRID>${meter}</mRID></Assets></EndDeviceEvent>`;
const meterEvents = async (inside, before = '') => ctl.run('import', 'meter-events', await ctl.file('events.xml', `${before}<EndDeviceEvents xmlns="http://iec.ch/TC57/2011/EndDeviceEvents#">${inside}</EndDeviceEvents>`));

test('power that went and came, of meters at our homes', async () => {
    await ctl.execute("insert into programme.premise (code, address, city, postal_code, geom, meter_number) values ('ME-1', 'Road 1', 'Town', '1', 'SRID=4326;POINT(-121 39)', 'M-1')");
    const inside = meterEvent('3.26.0.47', '2026-03-01T12:00:00Z', 'M-1') + meterEvent('3.26.136.216', '2026-03-01T05:00:00-08:00', 'M-1') + meterEvent('3.26.0.47', '2026-03-01T12:00:00Z', 'M-2') + meterEvent('3.7.9.1', '2026-03-01T12:00:00Z', 'M-1');
    assert.equal((await meterEvents(inside)).stdout, '4 events, 2 changes, 1 of other codes, 1 of no home of ours\n');
    assert.deepEqual(await ctl.sql('select started_at, ended_at from outage.meter_outage'), [{ started_at: '2026-03-01T12:00:00+00:00', ended_at: '2026-03-01T13:00:00+00:00' }]);
    assert.equal((await meterEvents(inside)).stdout, '4 events, 0 changes, 1 of other codes, 1 of no home of ours\n', 'the same again changes nothing');
});

test('a document that is refused says where, and nothing is kept', async () => {
    const good = meterEvent('3.26.0.47', '2026-04-01T12:00:00Z', 'M-1');
    const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>';
    const wrong = [[`${good}&c;`, laughs, /line 1, column \d+: a document type is not taken/], [`${good}\n${meterEvent('3.26.0.47', 'soon', 'M-1')}`, '', /line 2, column \d+: createdDateTime 'soon' is not a time/],
        [`${good}<reason>${'x'.repeat(5_000_000)}</reason>`, '', /a text is longer than 4096 bytes/], [`${good}<EndDeviceEvent>`, '', /mismatched tag/]];
    for (const [inside, before, why] of wrong) {
        const { code, stderr } = await meterEvents(inside, before);
        assert.equal(code, 1);
        assert.match(stderr, why);
    }
    assert.equal(await ctl.value('(select count(*) from outage.meter_event)'), 2);
});

// The regulator's method on four years of a real feed; the figures are of the whole file.
const real = new URL('../../../shared/data/pge_outages_2019_2022.csv.gz', import.meta.url);
test('T_MED and the major event days of a real feed', { skip: !existsSync(real) && 'no ../shared/data beside the project' }, async () => {
    const file = await ctl.file('real.csv', gunzipSync(readFileSync(real)));
    const made = await ctl.run('import', 'feed', file, '--feed', 'real', '--name', 'Real feed', '--time-zone', 'Etc/GMT+8', '--customers', '5500000');
    assert.equal(made.stdout, '408307 rows, 408307 changes, 1216 doubtful\n', made.stderr);
    const [t] = await ctl.sql("select days, interruptions, round(alpha::numeric, 6) as alpha, round(beta::numeric, 6) as beta, round(t_med::numeric, 3) as t_med from outage.major_event_threshold('real', '2019-06-01', '2022-05-01')");
    assert.deepEqual(t, { days: 674, interruptions: 404863, alpha: 0.093284, beta: 1.297737, t_med: 28.152 });
    const days = await ctl.sql("select day from outage.major_event_days('real', '2019-06-01', '2022-05-01', '2019-06-01', '2022-05-01')");
    assert.deepEqual(days.map((d) => d.day), ['2019-10-08', '2019-10-09', '2019-10-23', '2019-10-26', '2019-10-27', '2019-10-29', '2019-11-26', '2020-02-09',
        '2020-09-07', '2020-09-27', '2020-10-25', '2021-01-19', '2021-01-26', '2021-01-27', '2021-12-26', '2021-12-27']);
});
