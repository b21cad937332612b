-- Send a subscriber nothing more; what waits for it is given up, to be sent again by hand.
create or replace function outage.webhook_disable(in_webhook_id bigint, in_because text)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update outage.webhook set enabled = false, disabled_because = in_because
  where webhook_id = in_webhook_id and enabled;
  update outage.webhook_message set state = 'dead', ended_at = now(), error = coalesce(error, 'disabled')
  where webhook_id = in_webhook_id and state = 'waiting';
$$;
comment on function outage.webhook_disable(bigint, text) is 'Send a subscriber nothing more.';
grant execute on function outage.webhook_disable(bigint, text) to bptm_job, bptm_http;
