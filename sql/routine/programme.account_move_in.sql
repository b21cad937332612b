-- A new customer of record holds the account; the former one and the time are kept. Errors:
-- not-found; state-refused while somebody holds it, or before the day on which the last one left.
create or replace function programme.account_move_in(in_account_id bigint, in_customer_id bigint, in_on date)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_account programme.account;
begin
  select c.* into l_account
  from programme.account c where c.account_id = in_account_id for update;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  if l_account.moved_out is null or in_on < l_account.moved_out then
    raise exception using errcode = 'BP001', message = 'state-refused',
      detail = case when l_account.moved_out is null then 'The customer of record has not moved out.'
                    else format('The customer of record before moved out on %s only.', l_account.moved_out) end;
  end if;
  if l_account.moved_out > l_account.moved_in then  -- who left on the day of coming leaves no period
    insert into programme.account_past (account_id, customer_id, moved_in, moved_out)
    values (in_account_id, l_account.customer_id, l_account.moved_in, l_account.moved_out);
  end if;
  update programme.account c
  set customer_id = in_customer_id, moved_in = in_on, moved_out = null, active = true,
      version = c.version + 1
  where c.account_id = in_account_id;
end
$$;
comment on function programme.account_move_in(bigint, bigint, date) is
  'A new customer of record holds the account; the former one is kept.';
grant execute on function programme.account_move_in(bigint, bigint, date) to bptm_http;
