-- Other applications that may be for the same home, and on what grounds: the same premise or an
-- address that says the same, the same account, the same meter however it is written. Ended ones
-- count no more, but for those installed.
create or replace function programme.duplicate(in_application_id bigint)
returns table (application_id bigint, state text, matched text[])
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with me as (
    select a.application_id, a.account_id, p.premise_id,
           programme.address_key(p.address, p.postal_code) as address_key,
           upper(regexp_replace(p.meter_number, '[^[:alnum:]]', '', 'g')) as meter_key
    from programme.application a join programme.premise p using (premise_id)
    where a.application_id = in_application_id
  ), hit as (
    select o.application_id, 'address' as ground
    from me
    join programme.premise p on programme.address_key(p.address, p.postal_code) = me.address_key
    join programme.application o on o.premise_id = p.premise_id
    union
    select o.application_id, 'account'
    from me join programme.application o using (account_id)
    union
    select o.application_id, 'meter'
    from me
    join programme.premise p on upper(regexp_replace(p.meter_number, '[^[:alnum:]]', '', 'g')) = me.meter_key
    join programme.application o on o.premise_id = p.premise_id
  )
  select h.application_id, o.state, array_agg(h.ground order by h.ground)
  from hit h
  join programme.application o on o.application_id = h.application_id
  join programme.state s on s.state = o.state and s.is_live
  where h.application_id <> in_application_id
  group by h.application_id, o.state
$$;
comment on function programme.duplicate(bigint) is
  'Other live applications that may be for the same home, and on what grounds.';
grant execute on function programme.duplicate(bigint) to bptm_http;
