-- Applications by part of what staff know of them: their number, the premise's code, address or
-- meter, the account's number; and by digests of words of the customer's name, or of address or telephone
-- number, where those may be seen (null: not). Each way has its index.
-- in_words_next: the same words under the next key of the index, while it changes; null when it does not.
drop function if exists programme.application_search(text, boolean);
drop function if exists programme.application_search(text, bigint[], bigint[]);
create or replace function programme.application_search(in_text text, in_words bigint[], in_words_next bigint[], in_other bigint[])
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
  from person.customer u
  join programme.application a using (customer_id)
  where u.blind @> in_words or u.blind @> in_words_next or u.blind && in_other
$$;
comment on function programme.application_search(text, bigint[], bigint[], bigint[]) is
  'Applications by part of their number, address, meter, account or customer.';
grant execute on function programme.application_search(text, bigint[], bigint[], bigint[]) to bptm_http;
