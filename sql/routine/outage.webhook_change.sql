-- Change a subscriber; gives its id. Enabling it forgets its failures, disabling it gives up what waits.
create or replace function outage.webhook_change(in_webhook_id bigint, in_url text, in_description text,
                                                 in_types jsonb, in_enabled boolean)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update outage.webhook w
  set url = in_url, description = in_description, types = array(select jsonb_array_elements_text(in_types))
  where w.webhook_id = in_webhook_id;
  if not found then
    return null;
  end if;
  if in_enabled then
    update outage.webhook w
    set enabled = true, disabled_because = null, failing_since = null, dead_in_row = 0
    where w.webhook_id = in_webhook_id and not w.enabled;
  else
    perform outage.webhook_disable(in_webhook_id, 'operator');
  end if;
  return in_webhook_id;
end
$$;
comment on function outage.webhook_change(bigint, text, text, jsonb, boolean) is 'Change a subscriber.';
grant execute on function outage.webhook_change(bigint, text, text, jsonb, boolean) to bptm_http;
