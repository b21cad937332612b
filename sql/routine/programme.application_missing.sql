-- What an application lacks before staff can go on: what its newest decision could not know, and what
-- was not agreed to, each with a sentence.
create or replace function programme.application_missing(in_application_id bigint)
returns table (code text, sentence text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select r.code, r.sentence
  from programme.decision_rule r
  where r.result = 'unknown' and r.decision_id = (
    select d.decision_id from programme.decision d
    where d.application_id = in_application_id order by d.decision_id desc limit 1)
  union all
  select m.code, m.sentence
  from programme.application a
  cross join lateral (values
    ('OWNER', a.owner_or_permission, 'The owner''s permission is missing.'),
    ('ACCESS', a.access_agreed, 'Access to the site is not agreed.'),
    ('SURVEY', a.survey_agreed, 'The survey is not agreed.')
  ) m(code, agreed, sentence)
  where a.application_id = in_application_id and not m.agreed
  union all
  select 'OVERRIDE', programme.override_ended(in_application_id)
  where programme.override_ended(in_application_id) is not null
$$;
comment on function programme.application_missing(bigint) is
  'What an application lacks before staff can go on.';
grant execute on function programme.application_missing(bigint) to bptm_http;
