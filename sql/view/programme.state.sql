-- The states of an application: what each means, whether it is still on its way or installed (live:
-- one for each programme and premise), and whether a place of the season's quota goes with it.
create or replace view programme.state as
select s.*
from (values
  (1, 'draft', true, false, 'being entered'),
  (2, 'submitted', true, false, 'complete, to be decided'),
  (3, 'in_review', true, false, 'the rules leave something open'),
  (4, 'needs_information', true, false, 'the customer is asked for something'),
  (5, 'ineligible', false, false, 'a rule failed'),
  (6, 'eligible', true, false, 'every rule passed'),
  (7, 'waitlisted', true, false, 'eligible, waiting for a place'),
  (8, 'approved', true, true, 'has a place'),
  (9, 'scheduled', true, true, 'a crew is to come'),
  (10, 'installable', true, true, 'the crew found that the device can go in'),
  (11, 'rejected_on_site', false, false, 'the crew found that it cannot'),
  (12, 'installed', true, true, 'the device is in'),
  (13, 'closed', false, false, 'ended by staff, a move or a merge'),
  (14, 'withdrawn', false, false, 'ended by the customer'),
  (15, 'removed', false, false, 'the device was taken out')
) s(n, state, is_live, has_place, meaning);
comment on view programme.state is 'The states of an application and what each means.';
grant select on programme.state to bptm_http, bptm_import;
