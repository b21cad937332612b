-- Whether anything is told of so many homes: in full to staff, else of as many as outage.disclosure
-- names. The one place that says so, for views, features and REST. Inlined, since it is asked for each
-- row; hence no pinned search path.
create or replace function outage.told(in_full boolean, in_homes double precision, in_rule outage.disclosure)
returns boolean
language sql immutable parallel safe
return in_full or in_homes >= (in_rule).least;
comment on function outage.told(boolean, double precision, outage.disclosure) is
  'Whether anything is told of so many homes; in full: of any.';
grant execute on function outage.told(boolean, double precision, outage.disclosure) to bptm_http, bptm_analyst;
