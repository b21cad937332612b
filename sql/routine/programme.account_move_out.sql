-- The customer of record leaves: the account has no holder from that day on, and what the customer
-- had under way or installed ends with it, for the offer is not transferable. Device and history
-- stay with the premise. Gives the number of applications closed. Errors: not-found;
-- state-refused when nobody holds the account.
create or replace function programme.account_move_out(in_account_id bigint, in_on date, in_actor access.actor)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_account programme.account;
  l_id bigint;
  l_closed integer := 0;
begin
  select c.* into l_account
  from programme.account c where c.account_id = in_account_id for update;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  if l_account.moved_out is not null then
    raise exception using errcode = 'BP001', message = 'state-refused',
      detail = format('Nobody has held the account since %s.', l_account.moved_out);
  end if;
  update programme.account c
  set moved_out = in_on, active = false, version = c.version + 1
  where c.account_id = in_account_id;
  perform from programme.application a
  where a.account_id = in_account_id
  order by a.application_id
  for update;
  for l_id in
    select a.application_id
    from programme.application a
    join programme.transition t on t.from_state = a.state and t.action = 'move_out'
    where a.account_id = in_account_id
    order by a.application_id
  loop
    perform programme.application_move(l_id, 'move_out', 'ACCOUNT',
      format('the customer of record moved out on %s', in_on), in_actor);
    l_closed := l_closed + 1;
  end loop;
  return l_closed;
end
$$;
comment on function programme.account_move_out(bigint, date, access.actor) is
  'The customer of record leaves an account; ends what depends on it.';
grant execute on function programme.account_move_out(bigint, date, access.actor) to bptm_http, bptm_import;
