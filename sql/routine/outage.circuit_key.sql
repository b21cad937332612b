-- A circuit's name as it is compared: letters and digits only, in small letters, and of a number without
-- letters no leading zeros, which feeds drop.
create or replace function outage.circuit_key(in_name text)
returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when k.key ~ '^0*[0-9]+$' then coalesce(nullif(ltrim(k.key, '0'), ''), '0') else k.key end
  from (select regexp_replace(lower(in_name), '[^[:alnum:]]+', '', 'g') as key) k
$$;
comment on function outage.circuit_key(text) is 'A circuit''s name as it is compared.';
grant execute on function outage.circuit_key(text) to bptm_http, bptm_job, bptm_import;
