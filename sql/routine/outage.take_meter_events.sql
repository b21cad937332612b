-- Take staged end device events (temporary table meter_row): those that say that power went or came, of meters at our
-- homes, which are known by the meter's number, or the usage point by the service point's code. Gives how many
-- are new, mean nothing to us by their code, and are of no home of ours. The same again changes nothing.
create or replace function outage.take_meter_events()
returns table (kept bigint, unmapped bigint, unmatched bigint)
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_kept bigint;
begin
  drop table if exists pg_temp.meter_read;
  create temporary table meter_read on commit drop as
  select r.at, r.code, c.meaning, coalesce(m.premise_id, n.premise_id, s.premise_id, t.premise_id) as premise_id
  from meter_row r
  left join outage.meter_event_code c on c.code = r.code
  left join programme.premise m on m.meter_number = nullif(r.meter, '')
  left join programme.premise n on n.meter_number = nullif(r.meter_name, '')
  left join programme.premise s on s.code = nullif(r.usage_point, '')
  left join programme.premise t on t.code = nullif(r.usage_point_name, '');
  insert into outage.meter_event (premise_id, at, meaning, code)
  select distinct on (r.premise_id, r.at, r.meaning) r.premise_id, r.at, r.meaning, r.code
  from meter_read r where r.premise_id is not null and r.meaning in ('power_down', 'power_up')
  order by r.premise_id, r.at, r.meaning, r.code
  on conflict do nothing;
  get diagnostics l_kept = row_count;
  if l_kept > 0 then
    perform outage.match_again((select min(r.at) from meter_read r), (select max(r.at) from meter_read r));
  end if;
  return query
  select l_kept, (select count(*) from meter_read r where r.meaning is null),
         (select count(*) from meter_read r where r.meaning is not null and r.premise_id is null);
end
$$;
comment on function outage.take_meter_events() is 'Take staged end device events of meters at our homes.';
