-- What may be done with an application in its state, and what stands against each action when one
-- who has the role, or roles between spaces, wants it: [{"code", "sentence"}], empty when it is allowed. Inlined.
create or replace function programme.application_action(in_application_id bigint, in_role text)
returns table (action text, to_state text, roles text[], needs_reason boolean, place text, refusals jsonb)
language sql stable
as $$
  with failure as materialized (
    select f.code, f.sentence from programme.guard_failure(in_application_id) f
  )
  select t.action, t.to_state, t.roles, t.needs_reason, t.place,
         case when string_to_array(in_role, ' ') && t.roles
                   or 'admin' = any (string_to_array(in_role, ' ')) and t.roles && '{enrolment,installer,operator}'
              then '[]'::jsonb
              else jsonb_build_array(jsonb_build_object(
                'code', 'ROLE', 'sentence',
                format('It takes the role %s.', array_to_string(t.roles, ' or ')))) end
         || coalesce((select jsonb_agg(jsonb_build_object('code', f.code, 'sentence', f.sentence) order by g.n)
                      from unnest(t.guards) with ordinality g(code, n) join failure f using (code)), '[]')
  from programme.application a
  join programme.transition t on t.from_state = a.state
  where a.application_id = in_application_id
$$;
comment on function programme.application_action(bigint, text) is
  'What may be done with an application in its state, and what stands against it.';
grant execute on function programme.application_action(bigint, text) to bptm_http, bptm_import;
