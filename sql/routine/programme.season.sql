-- The season whose places are given out: the newest that has opened. No row while none has. Inlined.
create or replace function programme.season(in_programme_id bigint)
returns setof programme.programme_year
language sql stable
as $$
  select y.*
  from programme.programme_year y
  where y.programme_id = in_programme_id and y.opens_on <= current_date
  order by y.opens_on desc
  limit 1
$$;
comment on function programme.season(bigint) is 'The season of a programme whose places are given out.';
grant execute on function programme.season(bigint) to bptm_http, bptm_import;
