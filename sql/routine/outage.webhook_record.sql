-- What became of a message that was taken: delivered by any 2xx; given up at 410, which disables its
-- subscriber, or after the last try, which does so too when it is the in_dead-th in a row; else to be tried
-- again. Says which, or 'late' when somebody else has taken the subscriber meanwhile.
create or replace function outage.webhook_record(in_message_id bigint, in_claim bigint, in_status integer,
                                                 in_error text, in_retry_after interval, in_dead integer)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_webhook outage.webhook;
  l_tries integer;
  l_wait interval;
  l_result text;
begin
  update outage.webhook w set claimed_until = null
  from outage.webhook_message m
  where m.message_id = in_message_id and w.webhook_id = m.webhook_id and w.claim = in_claim
  returning w.* into l_webhook;
  if not found then
    return 'late';
  end if;
  select m.tries + 1, x.wait into l_tries, l_wait
  from outage.webhook_message m left join outage.webhook_wait x on x.try = m.tries + 1
  where m.message_id = in_message_id;
  l_result := case when in_status between 200 and 299 then 'delivered'
                   when in_status = 410 or l_wait is null then 'dead' else 'waiting' end;
  update outage.webhook_message m
  set state = l_result, tries = l_tries, status = in_status,
      error = case when l_result <> 'delivered' then coalesce(in_error, 'status ' || in_status) end,
      ended_at = case when l_result <> 'waiting' then now() end,
      due_at = now() + case when l_result = 'waiting'
                            then greatest(l_wait * (1 + random() / 4), in_retry_after) else '0' end
  where m.message_id = in_message_id and m.state = 'waiting';
  update outage.webhook w
  set failing_since = case when l_result <> 'delivered' then coalesce(w.failing_since, now()) end,
      dead_in_row = case l_result when 'delivered' then 0 when 'dead' then w.dead_in_row + 1 else w.dead_in_row end
  where w.webhook_id = l_webhook.webhook_id;
  if in_status = 410 or l_result = 'dead' and l_webhook.dead_in_row + 1 >= in_dead then
    perform outage.webhook_disable(l_webhook.webhook_id, case in_status when 410 then 'gone' else 'failing' end);
  end if;
  insert into fleet.counter as c (name, label, value)
  values ('webhook_tries', case when l_result = 'delivered' then l_result when in_status is not null then 'status'
                                else in_error end, 1)
  on conflict (name, label) do update set value = c.value + 1;
  return l_result;
end
$$;
comment on function outage.webhook_record(bigint, bigint, integer, text, interval, integer) is
  'What became of a message that was taken.';
grant execute on function outage.webhook_record(bigint, bigint, integer, text, interval, integer) to bptm_job;
