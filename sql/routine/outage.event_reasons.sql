-- Why one version of an event follows another, in words.
create or replace function outage.event_reasons(in_old jsonb, in_new jsonb)
returns text[]
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(v.reason order by v.n), '{}')
  from (values
    (1, 'first', in_old is null),
    (2, 'late records', in_old ->> 'ended_at' is not null and in_old -> 'members' <> in_new -> 'members'),
    (3, 're-opened', in_old ->> 'ended_at' is not null and in_new ->> 'ended_at' is null),
    (4, 'more homes', (in_new ->> 'customers')::integer > (in_old ->> 'customers')::integer),
    (5, 'fewer homes', (in_new ->> 'customers')::integer < (in_old ->> 'customers')::integer),
    (6, 'other interruptions of the same homes', in_old -> 'members' <> in_new -> 'members'
                                                 and in_old -> 'customers' = in_new -> 'customers'),
    (7, 'another start', in_old -> 'started_at' <> in_new -> 'started_at'),
    (8, 'another element', in_old -> 'level' <> in_new -> 'level' or in_old -> 'element' <> in_new -> 'element'),
    (9, 'some are back', (in_new ->> 'dark')::integer < (in_old ->> 'dark')::integer
                         and in_new ->> 'ended_at' is null),
    (10, 'most are back', in_old is not null and in_old ->> 'restored_at' is null
                          and in_new ->> 'restored_at' is not null),
    (11, 'over', in_old ->> 'ended_at' is null and in_new ->> 'ended_at' is not null and in_old is not null),
    (12, 'another end', in_old ->> 'ended_at' <> in_new ->> 'ended_at'),
    (13, 'more is known of the other homes', in_old -> 'served' <> in_new -> 'served'
                                             or in_old -> 'lit' <> in_new -> 'lit'),
    (14, 'part of another group, or of none', in_new ->> 'kind' = 'outage' and in_old is not null
                                              and in_old -> 'parent_id' is distinct from in_new -> 'parent_id')
  ) v(n, reason, holds)
  where v.holds
$$;
comment on function outage.event_reasons(jsonb, jsonb) is 'Why one version of an event follows another, in words.';
grant execute on function outage.event_reasons(jsonb, jsonb) to bptm_job;
