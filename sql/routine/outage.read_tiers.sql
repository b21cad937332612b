-- Fire threat tiers as roll-ups write them, several in a cell: "Tier 2, Tier 3", "2/3", "Tier 2 & 3", "Zone 1;
-- Tier 3", "Non-HFTD". Null when there is a word that is none of theirs.
create or replace function outage.read_tiers(in_text text)
returns text[]
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when t.text ~ '^(n ?a|none|non ?hftd|not in hftd|outside hftd|no)?$' then '{}'
    when t.text !~ '^((partially |partial |hftd |and |tiers? ?|zone )*[123] ?)+( ?non ?hftd)?( only| partial)?$' then null
    else array(select distinct case when left(m[1], 1) = 'z' then 'zone' else 'tier' end || m[2]
               from regexp_matches(t.text, '(zone |tiers? ?|)([123])', 'g') m order by 1) end
  from (select btrim(regexp_replace(lower(in_text), '[^a-z0-9]+', ' ', 'g')) as text) t
$$;
comment on function outage.read_tiers(text) is 'Fire threat tiers as roll-ups write them; null when they are none.';
grant execute on function outage.read_tiers(text) to bptm_import;
