-- Keep what somebody agreed to or declared for an application; the newest of its kind counts and
-- goes into the application, where the eligibility rules look. Without given_at: now. Gives the
-- attestation_id; null when there is no such application.
create or replace function programme.attest(in_application_id bigint, in_kind text, in_agreed boolean,
  in_terms_version text, in_given_by text, in_given_at timestamptz, in_actor access.actor)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update programme.application a
  set owner_or_permission = case when in_kind in ('owner_or_permission', 'owner', 'owner_permission')
                                 then in_agreed else a.owner_or_permission end,
      access_agreed = case when in_kind = 'access' then in_agreed else a.access_agreed end,
      survey_agreed = case when in_kind = 'survey' then in_agreed else a.survey_agreed end,
      medical_needs_not_compromised = case when in_kind = 'medical_needs_not_compromised'
                                           then in_agreed else a.medical_needs_not_compromised end,
      medical_needs_met_in_shutoff = case when in_kind = 'medical_needs_met_in_shutoff'
                                          then in_agreed else a.medical_needs_met_in_shutoff end
  where a.application_id = in_application_id;
  insert into programme.attestation (application_id, kind, agreed, terms_version, given_by, given_at,
                                     token_id, role)
  select a.application_id, in_kind, in_agreed, in_terms_version, coalesce(in_given_by, 'customer'),
         coalesce(in_given_at, now()), in_actor.token_id, coalesce(in_actor.role, 'bptmctl')
  from programme.application a
  where a.application_id = in_application_id
  returning attestation_id
$$;
comment on function programme.attest(bigint, text, boolean, text, text, timestamptz, access.actor) is
  'Keep what somebody agreed to or declared for an application.';
grant execute on function programme.attest(bigint, text, boolean, text, text, timestamptz, access.actor)
  to bptm_http;
