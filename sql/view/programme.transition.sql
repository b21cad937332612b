-- The life cycle of an application: this table is all of it. A row: from which states an action
-- leads to which, who may do it, which guards must hold (sql/routine/programme.guard_failure.sql),
-- whether it takes a reason, and what becomes of the place in the season's quota.
-- Roles in capitals are no people: DECISION decides, QUOTA gives places, ACCOUNT sees a move,
-- MERGE joins duplicates.
create or replace view programme.transition as
select f.from_state, t.action, t.to_state, t.roles::text[] as roles, t.guards::text[] as guards,
       t.needs_reason, t.place
from (values
  ('{draft}', 'submit', 'submitted', '{enrolment}', '{PROGRAMME_OPEN}', false, '-'),
  ('{submitted,in_review,needs_information,eligible}',
    'decide_eligible', 'eligible', '{DECISION}', '{}', false, '-'),
  ('{ineligible}', 'decide_eligible', 'eligible', '{DECISION}', '{ONLY_LIVE}', false, '-'),
  ('{waitlisted}', 'decide_eligible', 'waitlisted', '{DECISION}', '{}', false, '-'),
  ('{submitted,in_review,needs_information,eligible,waitlisted}',
    'decide_in_review', 'in_review', '{DECISION}', '{}', false, '-'),
  ('{ineligible}', 'decide_in_review', 'in_review', '{DECISION}', '{ONLY_LIVE}', false, '-'),
  ('{submitted,in_review,needs_information,ineligible,eligible,waitlisted}',
    'decide_ineligible', 'ineligible', '{DECISION}', '{}', false, '-'),
  ('{submitted,eligible,waitlisted}', 'review', 'in_review', '{enrolment}', '{}', true, '-'),
  ('{submitted,in_review,eligible,waitlisted}',
    'ask', 'needs_information', '{enrolment}', '{}', true, '-'),
  ('{needs_information}', 'resume', 'submitted', '{enrolment}', '{}', false, '-'),
  ('{eligible}', 'approve', 'approved', '{enrolment}',
    '{DECISION_ELIGIBLE,ACCOUNT_OF_RECORD,WAITLIST_ORDER,QUOTA_FREE}', false, 'take'),
  ('{eligible}', 'waitlist', 'waitlisted', '{enrolment}',
    '{DECISION_ELIGIBLE,ACCOUNT_OF_RECORD,QUOTA_USED}', false, '-'),
  ('{waitlisted}', 'promote', 'approved', '{QUOTA}', '{}', false, 'take'),
  ('{approved}', 'schedule', 'scheduled', '{enrolment,installer}', '{APPOINTMENT}', false, '-'),
  ('{scheduled}', 'unschedule', 'approved', '{enrolment,installer}', '{}', true, '-'),
  ('{scheduled}', 'confirm', 'installable', '{enrolment,installer}',
    '{VISIT_INSTALLABLE,CREW}', false, '-'),
  ('{scheduled}', 'reject', 'rejected_on_site', '{enrolment,installer}',
    '{VISIT_REJECTED}', true, 'free'),
  ('{installable}', 'install', 'installed', '{installer,operator}', '{DEVICE}', false, '-'),
  ('{installed,closed}', 'remove', 'removed', '{installer,operator}', '{REMOVAL}', true, '-'),
  ('{withdrawn,rejected_on_site}', 'reopen', 'submitted', '{enrolment}',
    '{PROGRAMME_OPEN,ONLY_LIVE}', true, '-'),
  ('{draft,submitted,in_review,needs_information,ineligible,eligible,waitlisted,approved,scheduled,installable,rejected_on_site}',
    'withdraw', 'withdrawn', '{enrolment}', '{}', true, 'free'),
  ('{draft,submitted,in_review,needs_information,ineligible,eligible,waitlisted,approved,scheduled,installable,rejected_on_site,withdrawn}',
    'close', 'closed', '{enrolment}', '{}', true, 'free'),
  ('{draft,submitted,in_review,needs_information,ineligible,eligible,waitlisted,approved,scheduled,installable,rejected_on_site}',
    'move_out', 'closed', '{ACCOUNT}', '{}', true, 'free'),
  ('{installed}', 'move_out', 'closed', '{ACCOUNT}', '{}', true, '-'),
  ('{draft,submitted,in_review,needs_information,ineligible,eligible,waitlisted,approved,scheduled,installable,rejected_on_site,withdrawn}',
    'merge', 'closed', '{MERGE}', '{}', true, 'free')
) t(from_states, action, to_state, roles, guards, needs_reason, place)
cross join lateral unnest(t.from_states::text[]) f(from_state);
comment on view programme.transition is
  'The life cycle of an application: from, action, to, roles, guards, reason, place.';
grant select on programme.transition to bptm_http, bptm_import;
