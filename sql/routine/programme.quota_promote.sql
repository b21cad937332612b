-- Give the places that are free to those who wait, in the order in which they became eligible; who
-- waits by an override that has ended must be decided again first.
-- The season's row is locked first, so that two who free a place do not pass each other.
-- Gives the number of applications that moved up.
create or replace function programme.quota_promote(in_programme_id bigint, in_actor access.actor)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_season programme.programme_year;
  l_free integer;
  l_id bigint;
  l_moved integer := 0;
begin
  select y.* into l_season
  from programme.programme_year y
  where y.programme_year_id = (select s.programme_year_id from programme.season(in_programme_id) s)
  for update;
  if not found then  -- no season has opened
    return 0;
  end if;
  l_free := coalesce(l_season.quota - l_season.reserved, 2147483647);
  while l_moved < l_free loop
    select a.application_id into l_id
    from programme.application a
    where a.programme_id = in_programme_id and a.state = 'waitlisted'
      and programme.override_ended(a.application_id) is null
    order by a.eligible_at, a.application_id
    limit 1
    for update;
    if found then
      perform programme.application_move(l_id, 'promote', 'QUOTA', 'a place became free', in_actor);
      l_moved := l_moved + 1;
    else  -- nobody waits, or the first in line just left it
      exit when not exists (
        select from programme.application a
        where a.programme_id = in_programme_id and a.state = 'waitlisted'
          and programme.override_ended(a.application_id) is null);
    end if;
  end loop;
  return l_moved;
end
$$;
comment on function programme.quota_promote(bigint, access.actor) is
  'Give the places that are free to those who wait, in fair order.';
grant execute on function programme.quota_promote(bigint, access.actor) to bptm_http, bptm_import;
