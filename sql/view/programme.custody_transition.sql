-- From hand to hand: this table is all of it. A row: from which states an action leads to which, who
-- may do it, what must hold of a crew that does, whether it takes a reason, and of what kind the one
-- is who gets it. maker is the state of a device without an entry. Roles in capitals are no people:
-- ASSIGNMENT puts a device in, REMOVAL takes it out.
-- HOLDER: the crew has it. FREE: no other crew has it. OWN_CREW: a crew takes for itself only.
create or replace view programme.custody_transition as
select f.from_state, t.action, t.to_state, t.roles::text[] as roles, t.guards::text[] as guards,
       t.needs_reason, t.gives_to
from (values
  ('{maker}', 'receive', 'warehouse', '{enrolment,operator}', '{}', false, 'warehouse'),
  ('{warehouse}', 'move', 'warehouse', '{enrolment,operator}', '{}', false, 'warehouse'),
  ('{warehouse}', 'hand_out', 'crew', '{enrolment,installer,operator}', '{OWN_CREW}', false, 'crew'),
  ('{crew}', 'hand_over', 'crew', '{installer,operator}', '{HOLDER}', false, 'crew'),
  ('{crew,returned}', 'hand_back', 'warehouse', '{enrolment,installer,operator}', '{HOLDER}', false, 'warehouse'),
  ('{maker,warehouse,crew}', 'install', 'premise', '{ASSIGNMENT}', '{FREE}', false, null),
  ('{premise}', 'remove', 'returned', '{REMOVAL}', '{}', true, null),
  ('{premise}', 'remove_lost', 'lost', '{REMOVAL}', '{}', true, null),
  ('{warehouse,returned}', 'scrap', 'scrapped', '{operator}', '{}', true, null),
  ('{maker,warehouse,crew,returned}', 'lose', 'lost', '{enrolment,installer,operator}', '{HOLDER}', true, null),
  ('{maker,warehouse,crew,returned,lost}', 'report_stolen', 'stolen', '{enrolment,installer,operator}', '{HOLDER}', true, null),
  ('{lost,stolen}', 'find', 'warehouse', '{operator}', '{}', true, 'warehouse')
) t(from_states, action, to_state, roles, guards, needs_reason, gives_to)
cross join lateral unnest(t.from_states::text[]) f(from_state);
comment on view programme.custody_transition is
  'From hand to hand: from, action, to, roles, guards, reason, who gets it.';
grant select on programme.custody_transition to bptm_http;
