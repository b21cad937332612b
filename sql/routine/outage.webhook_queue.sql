-- Queue a message to each subscriber of its type, or to one of them whatever it subscribes to; gives how many.
create or replace function outage.webhook_queue(in_type text, in_at timestamptz, in_data jsonb, in_webhook_id bigint)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with queued as (
    insert into outage.webhook_message (webhook_id, type, payload)
    select w.webhook_id, in_type,
           format('{"type":%s,"timestamp":%s,"data":%s}', to_json(in_type), to_json(access.rfc3339(in_at)), in_data)
    from outage.webhook w
    where w.enabled and case when in_webhook_id is null then in_type = any (w.types) else w.webhook_id = in_webhook_id end
    order by w.webhook_id
    returning 1
  )
  select count(*) from queued
$$;
comment on function outage.webhook_queue(text, timestamptz, jsonb, bigint) is
  'Queue a message to each subscriber of its type, or to one of them.';
grant execute on function outage.webhook_queue(text, timestamptz, jsonb, bigint) to bptm_job, bptm_http;
