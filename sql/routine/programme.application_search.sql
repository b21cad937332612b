-- Applications by part of what staff know of them: their number, the premise's code, address or
-- meter, the account's number, and the customer's name where names may be seen. Each way has its
-- index of trigrams.
create or replace function programme.application_search(in_text text, in_with_names boolean)
returns table (application_id bigint)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with sought as materialized (
    select '%' || replace(replace(replace(lower(in_text), '\', '\\'), '%', '\%'), '_', '\_') || '%' as pattern
  )
  select a.application_id
  from programme.application a
  where a.application_id = case when in_text ~ '^[0-9]{1,18}$' then in_text::bigint end
  union
  select a.application_id
  from sought
  join programme.premise p on lower(p.code || ' ' || p.address || ' ' || p.city || ' ' || p.postal_code
                                    || ' ' || coalesce(p.meter_number, '')) like sought.pattern
  join programme.application a using (premise_id)
  union
  select a.application_id
  from sought
  join programme.account c on lower(c.number) like sought.pattern
  join programme.application a using (account_id)
  union
  select a.application_id
  from sought
  join person.customer u on in_with_names and lower(u.name) like sought.pattern
  join programme.application a using (customer_id)
$$;
comment on function programme.application_search(text, boolean) is
  'Applications by part of their number, address, meter, account or name.';
grant execute on function programme.application_search(text, boolean) to bptm_http;
