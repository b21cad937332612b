-- What may be done with a device where it is, and what stands against each action when one who has
-- the role, or roles between spaces, wants it; in_crew: the crew that is let at its own only, null
-- for all others. refusals: [{"code", "sentence"}], empty when it is allowed.
create or replace function programme.custody_action(in_device_id bigint, in_role text, in_crew text)
returns table (action text, to_state text, roles text[], needs_reason boolean, gives_to text, guards text[], refusals jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select t.action, t.to_state, t.roles, t.needs_reason, t.gives_to, t.guards,
         case when string_to_array(in_role, ' ') && t.roles
                   or 'admin' = any (string_to_array(in_role, ' ')) and t.roles && '{enrolment,installer,operator}'
              then '[]'::jsonb
              else jsonb_build_array(jsonb_build_object(
                'code', 'ROLE', 'sentence', format('It takes the role %s.', array_to_string(t.roles, ' or ')))) end
         || case when 'HOLDER' = any (t.guards) and in_crew is not null
                      and (coalesce(c.state, 'maker') not in ('crew', 'returned') or c.holder is distinct from in_crew)
              then '[{"code": "HOLDER", "sentence": "Only who has the device may do that."}]'::jsonb else '[]' end
         || case when 'FREE' = any (t.guards) and in_crew is not null
                      and c.state = 'crew' and c.holder is distinct from in_crew
              then '[{"code": "FREE", "sentence": "Another crew has the device."}]'::jsonb else '[]' end
  from (select 1) one
  left join programme.custody_now c on c.device_id = in_device_id
  join programme.custody_transition t on t.from_state = coalesce(c.state, 'maker')
$$;
comment on function programme.custody_action(bigint, text, text) is
  'What may be done with a device where it is, and what stands against it.';
grant execute on function programme.custody_action(bigint, text, text) to bptm_http;
