-- An override ends within a year; one of none takes back what was decided by hand before, and is over
-- as it begins.
alter table programme.application_override
  drop constraint application_override_result_check,
  add constraint application_override_result_check check (result in ('pass', 'fail', 'none')),
  drop constraint application_override_check,
  add constraint application_override_expiry check (expires_at > created_at
    and expires_at <= created_at + interval '366 days') not valid;
