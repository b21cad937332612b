-- The latest that is known of each device: link, status, journal.
create or replace view analytics.device_health as
select d.device_id, d.model, d.hardware_revision, d.state, d.registered_at, l.online,
       l.received_at as link_at, s.received_at as status_at, s.device_at as status_device_at, s.firmware,
       s.contactors, s.mode, s.fill_permille, s.faults, s.reset_cause, s.boot,
       h.head_seq, h.claimed_seq, h.stored, h.duplicates, h.forks, h.updated_at as journal_at,
       (select count(*) from fleet.journal_gap g
        where g.device_id = d.device_id and g.closed_at is null) as open_gaps
from fleet.device d
left join fleet.device_link l on l.device_id = d.device_id
left join fleet.device_status s on s.device_id = d.device_id
left join fleet.journal_head h on h.device_id = d.device_id;
comment on view analytics.device_health is 'The latest that is known of each device: link, status, journal.';
comment on column analytics.device_health.online is 'What the broker said last; a hint, not signed.';
comment on column analytics.device_health.contactors is '1 utility closed, 2 generator closed.';
comment on column analytics.device_health.mode is '0 normal, 1 field work.';
comment on column analytics.device_health.fill_permille is 'How full the device''s journal is.';
comment on column analytics.device_health.faults is 'Latched faults: bit n is cause 20 + n.';
comment on column analytics.device_health.head_seq is 'Highest sequence up to which nothing is missing.';
comment on column analytics.device_health.claimed_seq is 'Highest sequence that the device says it wrote.';
comment on column analytics.device_health.open_gaps is 'Ranges of missing records that are not closed.';
comment on column analytics.device_health.device_id is 'The device, by a number that stands nowhere else outside.';
comment on column analytics.device_health.model is 'Model of the meter.';
comment on column analytics.device_health.hardware_revision is 'Revision of its hardware.';
comment on column analytics.device_health.state is 'registered or retired.';
comment on column analytics.device_health.registered_at is 'When it was registered.';
comment on column analytics.device_health.link_at is 'When the broker said so.';
comment on column analytics.device_health.status_at is 'When its last status came.';
comment on column analytics.device_health.status_device_at is 'Its own time in that status.';
comment on column analytics.device_health.firmware is 'Version that it runs.';
comment on column analytics.device_health.reset_cause is 'Why it started last, as api/wire/record.def numbers it.';
comment on column analytics.device_health.boot is 'How often it has started.';
comment on column analytics.device_health.stored is 'Records stored.';
comment on column analytics.device_health.duplicates is 'Records that came again.';
comment on column analytics.device_health.forks is 'Batches that contradicted what is stored.';
comment on column analytics.device_health.journal_at is 'When its journal last grew.';
grant select on analytics.device_health to bptm_analyst;
