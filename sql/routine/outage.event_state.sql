-- What a version of an event says, as it is kept.
create or replace function outage.event_state(in_event outage.event, in_members bigint[])
returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
  select to_jsonb(in_event) - 'event_id' - 'version' - 'revised_at' - 'centre'
         || jsonb_build_object('members', in_members)
$$;
comment on function outage.event_state(outage.event, bigint[]) is 'What a version of an event says.';
grant execute on function outage.event_state(outage.event, bigint[]) to bptm_job;
