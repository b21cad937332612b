-- The outbox of webhooks: who is queued what, in which order it goes, what becomes of it.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(39);

delete from outage.webhook;
insert into fleet.device values (8901, 'HOOK-1', (select min(model) from fleet.device_model), 'A', 0, 'registered', now());
insert into outage.webhook (url, description, types) values
  ('https://one.example/', 'one', '{alarm.raised,alarm.cleared,outage_event.opened,outage_event.closed,outage_event.revised,outage_event.withdrawn}'),
  ('https://two.example/', 'two', '{alarm.raised}'),
  ('https://off.example/', 'off', '{alarm.raised}');
update outage.webhook set enabled = false, disabled_because = 'operator' where description = 'off';
create function pg_temp.hook(in_name text) returns bigint language sql as
  $$ select webhook_id from outage.webhook where description = in_name $$;
create function pg_temp.queued(in_name text) returns text language sql as $$
  select coalesce(string_agg(type || case state when 'waiting' then '' else ' ' || state end, ', ' order by message_id), '')
  from outage.webhook_message where webhook_id = pg_temp.hook(in_name)
$$;

-- 1..7 alarms
select throws_ok($$ insert into outage.webhook (url, description, types) values ('https://x.example', 'x', '{alarm.rung}') $$,
                 '23514', null, 'a type that there is not');
select throws_ok($$ insert into outage.webhook (url, description, types) values ('ftp://x.example', 'x', '{alarm.raised}') $$,
                 '23514', null, 'a URL that is none of ours');
insert into fleet.assignment (device_id, premise_id, assigned_from) values (8901, 1234567, '2026-01-01Z');
select outage.apply_alarms('{backfeed}', '{8901}', array[row('backfeed', 8901, '7', '2026-03-01 12:00Z',
  '{"seq": 7, "times": 1}')]::outage.alarm_draft[], '2026-03-01 12:01Z');
select is(pg_temp.queued('one') || ' | ' || pg_temp.queued('two') || ' | ' || pg_temp.queued('off'),
          'alarm.raised | alarm.raised | ', 'each subscriber of the type has a message, a disabled one none');
select is((select payload::jsonb #- '{data,id}' from outage.webhook_message where webhook_id = pg_temp.hook('two')),
          '{"type": "alarm.raised", "timestamp": "2026-03-01T12:01:00.000Z", "data": {"number": 1, "kind": "backfeed",
            "severity": "critical", "means": "The utility side follows the generator: the generator feeds the grid.",
            "device": "HOOK-1", "since": "2026-03-01T12:00:00.000Z", "detail": {"seq": 7, "times": 1}}}'::jsonb,
          'which says what is wrong, and not where anybody lives');
select outage.apply_alarms('{backfeed}', '{8901}', array[row('backfeed', 8901, '9', '2026-03-01 12:00Z', '{}')]::outage.alarm_draft[],
                           '2026-03-01 12:02Z');
select outage.apply_alarms('{backfeed}', '{8901}', '{}', '2026-03-01 12:03Z');
select is(pg_temp.queued('one'), 'alarm.raised, alarm.cleared', 'a type that is not subscribed to is not queued');
select isnt((select min(id::text) from outage.webhook_message where type = 'alarm.raised'),
            (select max(id::text) from outage.webhook_message where type = 'alarm.raised'), 'an id for each');
create function pg_temp.rolled_back() returns void language plpgsql as $$
begin
  perform outage.apply_alarms('{backfeed}', '{8901}', array[row('backfeed', 8901, '11', now(), '{}')]::outage.alarm_draft[], now());
  raise exception 'no';
exception when raise_exception then null;
end $$;
select pg_temp.rolled_back();
select is(pg_temp.queued('one'), 'alarm.raised, alarm.cleared', 'an alarm that is rolled back takes its message with it');
delete from outage.webhook_message;

-- 8..14 outage events, by their versions
create function pg_temp.version(in_version integer, in_state jsonb) returns text language plpgsql as $$
begin
  delete from outage.webhook_message;
  insert into outage.event_version (event_id, version, revised_at, reasons, state)
  values (990001, in_version, now(), '{why}', '{"kind": "outage", "level": "circuit", "element": "C1", "members": [1]}' || in_state);
  return pg_temp.queued('one');
end $$;
select is(pg_temp.version(1, '{"started_at": "2026-03-01T04:00:00-08:00", "ended_at": null}'), 'outage_event.opened', 'the first version opens');
select is((select payload::jsonb #- '{timestamp}' from outage.webhook_message where webhook_id = pg_temp.hook('one')),
          '{"type": "outage_event.opened", "data": {"id": 990001, "version": 1, "reasons": ["why"], "kind": "outage", "level": "circuit",
            "element": "C1", "started_at": "2026-03-01T12:00:00.000Z", "ended_at": null}}'::jsonb, 'and says what it is, without its homes');
select is(pg_temp.version(2, '{"ended_at": null, "dark": 3}'), 'outage_event.revised', 'another revises');
select is(pg_temp.version(3, '{"ended_at": "2026-03-01T13:00:00Z"}'), 'outage_event.closed', 'the end closes');
select is(pg_temp.version(4, '{"ended_at": "2026-03-01T13:05:00Z"}'), 'outage_event.revised', 'another end revises');
select is(pg_temp.version(5, null), 'outage_event.withdrawn', 'what is gone is withdrawn');
delete from outage.webhook_message;
insert into outage.event_version (event_id, version, revised_at, reasons, state) values
  (990002, 1, now(), '{}', '{"level": "premise", "element": "77", "ended_at": "2026-03-01T13:05:00Z"}'),
  (990003, 1, now(), '{}', '{"level": "premise", "element": "78", "ended_at": null}');
select is(pg_temp.queued('one') || (select bool_or(payload like '%"element"%')::text from outage.webhook_message),
          'outage_event.opened, outage_event.closed, outage_event.openedfalse', 'over when first known: both; a home alone is not named');
delete from outage.webhook_message;

-- 15..22 taking: one of a subscriber, in order, for a time
select outage.webhook_queue('alarm.raised', now(), jsonb_build_object('n', n), null) from generate_series(1, 3) n;
select outage.webhook_rotate(webhook_id, decode(repeat('61', 32), 'hex'), '0') from outage.webhook;
create temporary table taken on commit drop as select * from outage.webhook_take(8, '30 s');
select is((select string_agg(payload::jsonb #>> '{data,n}' || ' ' || url, ', ' order by url) from taken),
          '1 https://one.example/, 1 https://two.example/', 'the oldest of each subscriber');
select matches((select id from taken limit 1), '^msg_[0-9a-f]{32}$', 'the id has no point in it');
select is((select array_agg(distinct secrets)::text from taken), '{{"\\x' || repeat('61', 32) || '"}}', 'with its secret');
select is((select count(*) from outage.webhook_take(8, '30 s')), 0::bigint, 'nobody else is given one meanwhile');
select is((select string_agg(outage.webhook_record(message_id, claim, 200, null, null, 3), ',') from taken), 'delivered,delivered', 'delivered');
select is((select min(payload::jsonb #>> '{data,n}') from outage.webhook_take(1, '0 s')), '2', 'then the next');
select outage.webhook_take(8, '0 s');
select is(outage.webhook_record((select min(message_id) from outage.webhook_message where state = 'waiting'), 1, 200, null, null, 3), 'late',
          'who was too slow says nothing');
select is((select count(*) from outage.webhook_take(8, '30 s')), 2::bigint, 'when its time is over, it is given to another');

-- 23..33 failing
create function pg_temp.fails(in_status integer, in_error text, in_after interval default null) returns text language sql as $$
  update outage.webhook_message set due_at = now() where webhook_id = pg_temp.hook('one') and state = 'waiting';
  update outage.webhook set claimed_until = null;
  select outage.webhook_record(t.message_id, t.claim, in_status, in_error, in_after, 3)
  from outage.webhook_take(8, '30 s') t where t.url like '%one%'
$$;
create function pg_temp.head() returns outage.webhook_message language sql as $$
  select m from outage.webhook_message m where webhook_id = pg_temp.hook('one') and state = 'waiting' order by message_id limit 1
$$;
select is(pg_temp.fails(500, null), 'waiting', 'a status that is not 2xx');
select ok(extract(epoch from (pg_temp.head()).due_at - now()) between 5 and 6.25, 'is tried again after the first wait and a little');
select is(((pg_temp.head()).tries, (pg_temp.head()).status, (pg_temp.head()).error)::text, '(1,500,"status 500")', 'and is known for what it was');
select is((select count(*) from outage.webhook_take(8, '30 s') where url like '%one%'), 0::bigint, 'nothing overtakes it');
select is(pg_temp.fails(503, null, '10 minutes'), 'waiting', 'an answer that asks for time');
select is(extract(epoch from (pg_temp.head()).due_at - now())::integer, 600, 'is given it');
update outage.webhook_message set tries = 8 where message_id = (pg_temp.head()).message_id;
select is(pg_temp.fails(null, 'timeout'), 'dead', 'after the last wait it is given up');
select is((select dead_in_row from outage.webhook where description = 'one'), 1, 'one');
update outage.webhook set dead_in_row = 2 where description = 'one';
update outage.webhook_message set tries = 8 where message_id = (pg_temp.head()).message_id;
select is(pg_temp.fails(301, null), 'dead', 'a redirect is not followed and counts as a failure');
select is((select (enabled, disabled_because, dead_in_row, failing_since is not null)::text from outage.webhook where description = 'one'),
          '(f,failing,3,t)', 'the third in a row disables');
select is(outage.webhook_again(pg_temp.hook('one'), null), 0::bigint, 'a disabled subscriber has nothing queued again');

-- 34..37 back, and gone
select outage.webhook_change(webhook_id, url, description, to_jsonb(types), true) from outage.webhook where description = 'one';
select is((outage.webhook_again(pg_temp.hook('one'), null), (pg_temp.head()).tries)::text, '(2,0)', 'enabled, what was given up goes again');
select is(pg_temp.fails(410, null), 'dead', '410 gives up at once');
select is((select disabled_because || ' ' || (select string_agg(state || coalesce(' ' || error, ''), ', ' order by message_id) from outage.webhook_message m
                                              where m.webhook_id = w.webhook_id) from outage.webhook w where description = 'one'),
          'gone delivered, dead status 410, dead status 301', 'and disables, and what waits is given up');
select is((select string_agg(label || ' ' || value, ', ' order by label collate "C") from fleet.counter where name = 'webhook_tries'),
          'delivered 2, status 4, timeout 1', 'all of it is counted');

-- 38..39 secrets and forgetting
select outage.webhook_rotate(pg_temp.hook('two'), decode(repeat('62', 32), 'hex'), '1 day');
select is((select array_agg(left(encode(secret, 'escape'), 1) order by secret_id) from outage.webhook_secret
           where webhook_id = pg_temp.hook('two') and coalesce(expires_at > now(), true))::text, '{a,b}', 'two secrets overlap');
update outage.webhook_message set ended_at = now() - interval '8 days' where state <> 'waiting';
update outage.webhook_secret set expires_at = now() where expires_at is not null;
create temporary table forgotten on commit drop as select outage.webhook_forget(7, 30, 100) as n;
select is(((select n from forgotten), (select count(*) from outage.webhook_message where state = 'delivered'),
           (select count(*) from outage.webhook_message where state = 'dead'),
           (select count(*) from outage.webhook_secret where webhook_id = pg_temp.hook('two')))::text, '(2,0,2,1)',
          'what was delivered long ago is forgotten before what was given up');

select * from finish();
rollback;
