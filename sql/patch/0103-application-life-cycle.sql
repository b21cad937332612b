-- The states of an application's whole life (sql/view/programme.state.sql says what
-- each means), and what goes with them.
alter table programme.application
  drop constraint application_state_check,
  add constraint application_state_check check (state in (
    'draft', 'submitted', 'in_review', 'needs_information', 'ineligible', 'eligible', 'waitlisted',
    'approved', 'scheduled', 'installable', 'rejected_on_site', 'installed', 'closed', 'withdrawn',
    'removed')),
  add column customer_id bigint references person.customer,  -- of record when it was made
  add column state_since timestamptz not null default now(),
  add column state_reason text check (length(state_reason) between 1 and 500),
  add column eligible_at timestamptz,                        -- its turn on the waiting list
  add column assignee text check (length(assignee) between 1 and 80),
  add column programme_year_id bigint references programme.programme_year;  -- its place counts there

update programme.application a
set customer_id = c.customer_id,
    state_since = a.created_at,
    eligible_at = case when a.state in ('eligible', 'installed') then a.created_at end
from programme.account c where c.account_id = a.account_id;

drop index programme.application_live;
create unique index application_live on programme.application (programme_id, premise_id)
  where state not in ('ineligible', 'rejected_on_site', 'closed', 'withdrawn', 'removed');
create index application_waiting on programme.application (programme_id, eligible_at, application_id)
  where state = 'waitlisted';
create index application_account on programme.application (account_id);
create index application_premise on programme.application (premise_id);
create index application_customer on programme.application (customer_id);
