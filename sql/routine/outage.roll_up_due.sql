-- Make the rollups of at most `in_limit` days that wait for it; gives how many there were. A day of
-- the future has nothing yet, but is on the list once it is there.
create or replace function outage.roll_up_due(in_limit integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_due record;
  l_days integer := 0;
begin
  for l_due in select d.source, d.day from outage.index_due d order by d.day, d.source limit in_limit loop
    perform outage.roll_up(l_due.source, l_due.day, l_due.day + 1);
    l_days := l_days + 1;
  end loop;
  return l_days;
end
$$;
comment on function outage.roll_up_due(integer) is
  'Make the rollups of days that wait for it; gives how many there were.';
grant execute on function outage.roll_up_due(integer) to bptm_job;
