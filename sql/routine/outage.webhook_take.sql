-- Take the next message of each subscriber that has one due, at most so many, for so long: nobody else is
-- given one of the same subscriber meanwhile. Secrets come newest first.
create or replace function outage.webhook_take(in_most integer, in_claim interval)
returns table (message_id bigint, claim bigint, id text, url text, payload text, secrets bytea[])
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with due as (
    select w.webhook_id, m.message_id
    from outage.webhook w
    cross join lateral (select x.message_id, x.due_at from outage.webhook_message x
                        where x.webhook_id = w.webhook_id and x.state = 'waiting'
                        order by x.message_id limit 1) m
    where w.enabled and m.due_at <= now() and (w.claimed_until is null or w.claimed_until <= now())
    order by m.due_at
    limit in_most
    for update of w skip locked
  ), claimed as (
    update outage.webhook w
    set claim = w.claim + 1, claimed_until = now() + in_claim
    from due d where w.webhook_id = d.webhook_id
    returning w.webhook_id, w.claim, w.url, d.message_id
  )
  select c.message_id, c.claim, 'msg_' || replace(m.id::text, '-', ''), c.url, m.payload,
         array(select s.secret from outage.webhook_secret s
               where s.webhook_id = c.webhook_id and coalesce(s.expires_at > now(), true)
               order by s.secret_id desc limit 2)
  from claimed c
  join outage.webhook_message m using (message_id)
$$;
comment on function outage.webhook_take(integer, interval) is
  'Take the next message of each subscriber that has one due, for so long.';
grant execute on function outage.webhook_take(integer, interval) to bptm_job;
