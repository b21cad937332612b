-- Queue again, under its old id, one message that has ended, or all of a subscriber's that were given up;
-- gives how many. A disabled subscriber has none to queue.
create or replace function outage.webhook_again(in_webhook_id bigint, in_message_id bigint)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with again as (
    update outage.webhook_message m
    set state = 'waiting', tries = 0, due_at = now(), ended_at = null
    from outage.webhook w
    where w.webhook_id = m.webhook_id and w.enabled
      and case when in_message_id is null then m.webhook_id = in_webhook_id and m.state = 'dead'
               else m.message_id = in_message_id and m.state <> 'waiting' end
    returning 1
  )
  select count(*) from again
$$;
comment on function outage.webhook_again(bigint, bigint) is
  'Queue again one message that has ended, or all of a subscriber''s that were given up.';
grant execute on function outage.webhook_again(bigint, bigint) to bptm_http;
