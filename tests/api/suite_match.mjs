// Events of ours and what other sources say, matched by the running jobs, decided by people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/stack.mjs';

/** Three homes dark together for an hour; a feed and a shutoff say so too. */
const story = `
    do $$
    declare l record;
    begin
      insert into programme.circuit (circuit_id, name) values ('MA001', 'Match one');
      insert into outage.source (code, name, kind, time_zone, customers_served) values ('ma-feed', 'Feed', 'feed', 'UTC', 1000);
      insert into outage.feed_outage (source, number, started_at, first_seen_at, ended_at, customers, geom, cause)
      values ('ma-feed', '17 b', '2022-03-01 10:00Z', '2022-03-01 10:00Z', '2022-03-01 11:00Z', 40, 'SRID=4326;POINT(-119 37)', 'weather');
      insert into outage.utility_event (kind, utility, event, circuit_text, circuit_key, circuit_id, out_at, restored_at, customers)
      values ('psps', 'U', 'March', 'MATCH-1', 'match1', 'MA001', '2022-03-01 09:50Z', '2022-03-01 11:10Z', 900);
      for l in select n, 'MA-' || n as code, 630000 + n as d from generate_series(1, 3) n loop
        insert into programme.premise (code, address, city, postal_code, geom) values (l.code, 'Road 1', 'Matchton', '1', 'SRID=4326;POINT(-119.01 37)');
        insert into programme.premise_circuit select premise_id, 'MA001', '2020-01-01' from programme.premise where code = l.code;
        insert into fleet.device values (l.d, 'MATCH-' || l.n, (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
        insert into fleet.assignment (device_id, premise_id, assigned_from) select l.d, premise_id, '2021-01-01Z' from programme.premise where code = l.code;
        insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, since_ms, hash)
        select l.d, v.seq, '2022-03-01Z', v.at, v.at, extract(epoch from v.at - '2022-03-01Z') * 1000, 1, v.kind, 2, 0, ''
        from (values (1, 2, timestamptz '2022-03-01 10:00Z'), (2, 3, '2022-03-01 11:00Z')) v(seq, kind, at);
        insert into fleet.journal_head (device_id, head_hash, claimed_seq, stored, updated_at) values (l.d, sha256(''), 2, 2, now());
      end loop;
    end $$`;

export function matches(api) {
    const get = (target, role = 'operator') => api().expect(200, 'GET', target, { role });
    const links = async (query = '') => (await get(`/v1/outage-links?status=proposed${query}`)).items.filter((l) => /ma-feed|MATCH-1/.test(l.name));

    test('what others say is proposed with a score and its parts', async () => {
        await api().exec(story);
        await until('the event is matched', async () => (await links()).length === 2, 40);
        const [event] = (await get('/v1/outage-events?circuit_id=MA001')).items;
        const full = await get(`/v1/outage-events/${event.id}`);
        assert.deepEqual(full.links.map((l) => [l.source, l.name, l.customers, l.status]), [['feed', 'ma-feed 17 b', 40, 'proposed'], ['psps', 'U March MATCH-1', 900, 'proposed']]);
        const feed = full.links[0];
        assert.equal(feed.score, 0.911);
        assert.deepEqual(feed.parts, { place: { km: 0.89, score: 0.822 }, time: { score: 1, overlap: 1, start_minutes: 0 } });
        assert.equal(feed.explained, '0.89 km apart; 100 % of the time in common, starts 0.0 minutes apart');
        assert.match(full.links[1].explained, /75 % of the time in common, starts 10.0 minutes apart; the same circuit/);
        assert.equal((await get(`/v1/outage-events/${event.id}`, 'analyst')).links, null);
        assert.deepEqual(await get(`/v1/outage-links/${feed.id}`), feed);
        assert.deepEqual((await links('&source=psps')).map((l) => l.id), [full.links[1].id]);
        assert.equal((await links(`&event_id=${event.id}`)).length, 2);
    });

    test('a person confirms or refuses, and nothing is merged', async () => {
        const [feed, shutoff] = await links();
        const read = await api().call('GET', `/v1/outage-links/${feed.id}`, { role: 'operator' });
        const patch = (id, tag, body, status = 200) => api().expect(status, 'PATCH', `/v1/outage-links/${id}`, { role: 'operator', body, headers: { 'if-match': tag, 'content-type': 'application/merge-patch+json' } });
        const tag = read.headers.get('etag');
        const confirmed = await patch(feed.id, tag, { status: 'confirmed', reason: 'crew report 12' });
        assert.deepEqual([confirmed.status, confirmed.reason, confirmed.score], ['confirmed', 'crew report 12', feed.score]);
        assert.notEqual(confirmed.decided_at, null);
        await patch(feed.id, tag, { status: 'refused' }, 412);
        assert.equal((await patch(shutoff.id, '*', { status: 'maybe' }, 422)).errors[0].pointer, '/status');
        assert.equal((await links()).length, 1);
        assert.equal((await get('/v1/outage-events?circuit_id=MA001')).items.length, 1);
        assert.equal(await api().exec(`select count(*) from access.audit where action = 'event_link.change' and object_id like '%${feed.id}'`), '1');
    });
}
