-- Take the staged rows of a regulator's roll-up (temporary table event_row: texts as they were written). What
-- is wrong with a row goes into the temporary table event_error, one line a cell; such rows are not taken,
-- and none is when `in_all` says that all must be good. What does not agree within a row is kept with it
-- (doubts):
--   not_restored       the cell for the restoration says in words that there was none
--   no_restoration     it is empty, and there is no duration either
--   duration_differs   the duration is more than half an hour off the two times
--   customers_differ   the parts do not add up to the whole
--   tiers_unknown      a tier that is none
--   circuit_unknown    no circuit of ours has this name; circuit_ambiguous: more than one has
--   not_designated     a fast trip on a circuit that was not on the list for fast trips on that day
-- Several rows for one circuit at one time are parts of it. The same file again changes nothing.
create or replace function outage.take_utility_events(in_kind text, in_zone text, in_all boolean, in_keep boolean)
returns table (rows bigint, errors bigint, kept bigint, unmatched bigint, doubtful bigint)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_kept bigint := 0;
begin
  drop table if exists pg_temp.event_error;
  drop table if exists pg_temp.event_read;
  drop table if exists pg_temp.event_told;
  create temporary table event_read on commit drop as
  select r.line, r.utility as utility_text, u.utility, r.circuit as circuit_text, outage.circuit_key(r.circuit) as circuit_key,
         case when k.circuits = 1 then k.circuit_id end as circuit_id, k.circuits,
         r.out_text, outage.read_time(r.out_text, in_zone) as out_at, r.restored_text,
         outage.read_time(r.restored_text, in_zone) as restored_at, d.duration_text, outage.read_duration(d.duration_text) as duration,
         r.customers, r.residential, r.commercial, r.medical, r.other, r.event, r.cause, r.place,
         outage.read_tiers(r.tiers) as tiers
  from (select e.*, btrim(concat_ws(' ', nullif(e.out_date, ''), nullif(e.out_time, ''))) as out_text,
               btrim(concat_ws(' ', nullif(e.restored_date, ''), nullif(e.restored_time, ''))) as restored_text
        from event_row e) r
  cross join lateral (select btrim(r.duration) as duration_text) d
  left join outage.utility_name u on u.name_key = regexp_replace(lower(r.utility), '[^a-z0-9]+', '', 'g')
  left join outage.circuit_known() k on k.circuit_key = outage.circuit_key(r.circuit);

  create temporary table event_error on commit drop as
  select e.line, v.field, v.value, v.reason
  from event_read e
  cross join lateral (values
    (1, 'utility', e.utility_text, 'is not known: see outage.utility_name', e.utility is null),
    (2, 'circuit', e.circuit_text, 'must be a circuit', e.circuit_key = '' or length(e.circuit_text) > 120),
    (3, 'out', e.out_text, 'is not a time', e.out_at is null),
    (4, 'restored', e.restored_text, 'is not a time', e.restored_at is null and e.restored_text ~ '^\d'),
    (5, 'restored', e.restored_text, 'is before the circuit was out', e.restored_at < e.out_at),
    (6, 'duration', e.duration_text, 'is not a duration', e.duration is null and e.duration_text ~ '\d'),
    (7, 'customers', e.customers, 'is not a number of customers', not outage.is_count(e.customers)),
    (8, 'residential', e.residential, 'is not a number of customers', not outage.is_count(e.residential)),
    (9, 'commercial', e.commercial, 'is not a number of customers', not outage.is_count(e.commercial)),
    (10, 'medical', e.medical, 'is not a number of customers', not outage.is_count(e.medical)),
    (11, 'other', e.other, 'is not a number of customers', not outage.is_count(e.other)),
    (12, 'event', e.event, 'is longer than 80 characters', length(e.event) > 80),
    (13, 'cause', e.cause, 'is longer than 400 characters', length(e.cause) > 400),
    (14, 'place', e.place, 'is longer than 200 characters', length(e.place) > 200)
  ) v(n, field, value, reason, is_wrong)
  where v.is_wrong;

  create temporary table event_told on commit drop as
  with good as (
    select e.*, coalesce(nullif(btrim(e.event), ''), to_char(e.out_at at time zone in_zone, 'YYYY-MM-DD')) as event_name,
           coalesce(e.restored_at, e.out_at + e.duration) as back_at,
           coalesce(outage.read_count(e.customers), c.parts, 0) as customer_count, c.parts
    from event_read e
    cross join lateral (
      select case when num_nulls(outage.read_count(e.residential), outage.read_count(e.commercial), outage.read_count(e.other)) < 3
                  then coalesce(outage.read_count(e.residential), 0) + coalesce(outage.read_count(e.commercial), 0)
                       + coalesce(outage.read_count(e.other), 0) end as parts) c
    where e.line not in (select x.line from event_error x)
  )
  select g.*, (row_number() over (partition by g.utility, g.event_name, g.circuit_key, g.out_at
                                  order by g.back_at, g.customer_count, g.line))::smallint as part,
         array_remove(array[
           case when g.restored_at is null and g.restored_text ~ '[[:alpha:]]' and g.duration is null then 'not_restored' end,
           case when g.back_at is null and g.restored_text !~ '[[:alpha:]]' then 'no_restoration' end,
           case when abs(extract(epoch from g.restored_at - g.out_at - g.duration)) > 1800 then 'duration_differs' end,
           case when g.parts <> outage.read_count(g.customers) then 'customers_differ' end,
           case when g.tiers is null then 'tiers_unknown' end,
           case when g.circuits is null then 'circuit_unknown' when g.circuits > 1 then 'circuit_ambiguous' end,
           case when in_kind = 'epss' and g.circuit_id is not null and not exists (
             select from programme.circuit_designation s
             where s.circuit_id = g.circuit_id and s.designation = 'epss'
               and daterange(s.valid_from, s.valid_to) @> (g.out_at at time zone in_zone)::date) then 'not_designated' end
         ], null) as doubts
  from good g;

  if in_keep and not (in_all and exists (select from event_error)) then
    with put as (
      insert into outage.utility_event as v (kind, utility, event, circuit_text, circuit_key, circuit_id, out_at, part, restored_at, customers,
                                             residential, commercial, medical_baseline, other, tiers, cause, place, doubts)
      select in_kind, t.utility, t.event_name, t.circuit_text, t.circuit_key, t.circuit_id, t.out_at, t.part, t.back_at, t.customer_count,
             outage.read_count(t.residential), outage.read_count(t.commercial), outage.read_count(t.medical),
             outage.read_count(t.other), coalesce(t.tiers, '{}'), btrim(t.cause), btrim(t.place), t.doubts
      from event_told t
      on conflict (kind, utility, event, circuit_key, out_at, part) do update
      set (circuit_text, circuit_id, restored_at, customers, residential, commercial, medical_baseline, other, tiers, cause, place, doubts, imported_at)
        = (excluded.circuit_text, excluded.circuit_id, excluded.restored_at, excluded.customers, excluded.residential, excluded.commercial,
           excluded.medical_baseline, excluded.other, excluded.tiers, excluded.cause, excluded.place, excluded.doubts, now())
      where (v.circuit_text, v.circuit_id, v.restored_at, v.customers, v.residential, v.commercial, v.medical_baseline, v.other, v.tiers, v.cause, v.place, v.doubts)
        is distinct from (excluded.circuit_text, excluded.circuit_id, excluded.restored_at, excluded.customers, excluded.residential, excluded.commercial,
                          excluded.medical_baseline, excluded.other, excluded.tiers, excluded.cause, excluded.place, excluded.doubts)
      returning v.circuit_id, v.out_at
    ), counted as (
      -- area rules such as "8 or more since a date" count them
      insert into programme.circuit_outage (circuit_id, started_at, cause)
      select distinct p.circuit_id, p.out_at, in_kind from put p where p.circuit_id is not null
      on conflict do nothing
      returning 1
    )
    select count(*) into l_kept from put;
    if l_kept > 0 then
      perform outage.match_again((select min(e.out_at) from event_read e),
                                 (select max(coalesce(e.restored_at, e.out_at + e.duration, now())) from event_read e));
    end if;
  end if;
  return query
  select (select count(*) from event_read), (select count(*) from event_error), l_kept,
         (select count(*) from event_read e where e.circuit_id is null and e.line not in (select x.line from event_error x)),
         (select count(*) from outage.utility_event v where v.kind = in_kind and v.doubts <> '{}');
end
$$;
comment on function outage.take_utility_events(text, text, boolean, boolean) is
  'Take the staged rows of a regulator''s roll-up; gives rows, errors, rows that are new or other than before.';
grant execute on function outage.take_utility_events(text, text, boolean, boolean) to bptm_import;
