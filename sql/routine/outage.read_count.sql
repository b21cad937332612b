-- A number of customers as roll-ups write it: 1,234 or 1234.0; null for an empty cell, a dash, N/A and what is
-- no number, which is told from them by outage.is_count.
create or replace function outage.read_count(in_text text)
returns integer
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when t.text ~ '^\d{1,8}(\.0*)?$' then split_part(t.text, '.', 1)::integer end
  from (select replace(btrim(in_text), ',', '') as text) t
$$;
comment on function outage.read_count(text) is 'A number of customers as roll-ups write it; null when it is none.';
grant execute on function outage.read_count(text) to bptm_import;

create or replace function outage.is_count(in_text text)
returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select lower(btrim(in_text)) in ('', '-', 'n/a', 'na', 'none') or outage.read_count(in_text) is not null
$$;
comment on function outage.is_count(text) is 'Whether a cell is a number of customers, or says that there is none.';
grant execute on function outage.is_count(text) to bptm_import;
