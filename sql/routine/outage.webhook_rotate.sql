-- Give a subscriber a new secret; the newest until now goes on beside it for so long, older ones end.
-- Gives the subscriber's id, or nothing when there is none.
create or replace function outage.webhook_rotate(in_webhook_id bigint, in_secret bytea, in_overlap interval)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update outage.webhook_secret s
  set expires_at = case when s.expires_at is null then now() + in_overlap else least(s.expires_at, now()) end
  where s.webhook_id = in_webhook_id;
  insert into outage.webhook_secret (webhook_id, secret)
  select w.webhook_id, in_secret from outage.webhook w where w.webhook_id = in_webhook_id
  returning webhook_id
$$;
comment on function outage.webhook_rotate(bigint, bytea, interval) is
  'Give a subscriber a new secret; the newest until now goes on beside it for so long.';
grant execute on function outage.webhook_rotate(bigint, bytea, interval) to bptm_http;
