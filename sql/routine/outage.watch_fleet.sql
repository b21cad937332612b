-- Judge the alarms that the state of the fleet calls for; gives how many changed.
create or replace function outage.watch_fleet(in_now timestamptz)
returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select outage.apply_alarms(array['device_silent', 'journal_fork', 'records_unaccounted'], null,
                             array(select s from outage.alarms_of_state(in_now) s), in_now)
$$;
comment on function outage.watch_fleet(timestamptz) is 'Judge the alarms that the state of the fleet calls for.';
grant execute on function outage.watch_fleet(timestamptz) to bptm_job;
