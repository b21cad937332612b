-- A programme without a season takes no applications, and has no places to give. Programmes that have
-- taken some without any season go on in one without limit and end, until it is given them.
comment on table programme.programme_year is
  'Seasons of programmes: when applications are taken and how many homes can be served; without one, none.';
with made as (
  insert into programme.programme_year (programme_id, season, opens_on, reserved)
  select a.programme_id, extract(year from min(a.created_at))::integer, min(a.created_at)::date,
         count(*) filter (where a.state in ('approved', 'scheduled', 'installable', 'installed'))
  from programme.application a
  where not exists (select from programme.programme_year y where y.programme_id = a.programme_id)
  group by a.programme_id
  returning programme_year_id, programme_id
)
update programme.application a
set programme_year_id = m.programme_year_id
from made m
where m.programme_id = a.programme_id and a.state in ('approved', 'scheduled', 'installable', 'installed');
