-- Forget messages that ended so many days ago, and secrets that are over; gives how many messages.
create or replace function outage.webhook_forget(in_delivered_days integer, in_dead_days integer, in_most integer)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  delete from outage.webhook_secret s where s.expires_at <= now();
  with gone as (
    delete from outage.webhook_message m
    where m.message_id in (
      select x.message_id from outage.webhook_message x
      where x.state <> 'waiting'
        and x.ended_at < now() - case x.state when 'dead' then in_dead_days else in_delivered_days end * interval '1 day'
      limit in_most)
    returning 1
  )
  select count(*) from gone
$$;
comment on function outage.webhook_forget(integer, integer, integer) is
  'Forget messages that ended so many days ago, and secrets that are over.';
grant execute on function outage.webhook_forget(integer, integer, integer) to bptm_job;
