-- A season of each sample programme: this year, without a limit until it is given one.
insert into programme.programme_year (programme_id, season, opens_on, closes_on)
select p.programme_id, extract(year from y.first)::integer, y.first, (y.first + interval '1 year')::date
from programme.programme p
cross join (select date_trunc('year', current_date)::date) y(first);
