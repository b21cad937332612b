-- The guards of programme.transition that do not hold for an application now, each with a sentence. Inlined.
create or replace function programme.guard_failure(in_application_id bigint)
returns table (code text, sentence text)
language sql stable
as $$
  with app as (
    select a.*, p.kind, c.active, c.customer_id as holder_id, c.moved_out
    from programme.application a
    join programme.programme p using (programme_id)
    join programme.account c on c.account_id = a.account_id
    where a.application_id = in_application_id
  ), season as (
    select s.* from app cross join lateral programme.season(app.programme_id) s
  ), visit as (
    select v.* from app join programme.field_visit v using (application_id)
    order by v.field_visit_id desc limit 1
  ), device as (
    select from app join fleet.assignment f
      on f.application_id = app.application_id and (f.assigned_to is null or f.assigned_to > now())
  )
  select 'PROGRAMME_OPEN',
         case when exists (select from programme.programme_year y where y.programme_id = app.programme_id)
              then 'The programme takes no applications today.'
              else 'The programme has no season yet.' end
  from app
  where not exists (
    select from programme.programme_year y
    where y.programme_id = app.programme_id and daterange(y.opens_on, y.closes_on) @> current_date)
  union all
  select 'ACCOUNT_OF_RECORD',
         case when app.active then 'The account has another customer of record now.'
              else 'The account is not active.' end
  from app where not app.active or app.holder_id is distinct from app.customer_id
  union all
  select 'ONLY_LIVE', 'The premise has another application to this programme.'
  from app
  where exists (
    select from programme.application o join programme.state s using (state)
    where o.programme_id = app.programme_id and o.premise_id = app.premise_id and s.is_live
      and o.application_id <> app.application_id)
  union all
  select 'DECISION_ELIGIBLE', 'The newest decision is not that it is eligible.'
  from app
  where (select d.outcome from programme.decision d where d.application_id = app.application_id
         order by d.decision_id desc limit 1) is distinct from 'eligible'
  union all
  select 'DECISION_ELIGIBLE', programme.override_ended(app.application_id)
  from app where programme.override_ended(app.application_id) is not null
  union all
  select 'WAITLIST_ORDER', 'Others have waited longer for a place.'
  from app
  where exists (
    select from programme.application o
    where o.programme_id = app.programme_id and o.state = 'waitlisted'
      and (o.eligible_at, o.application_id) < (app.eligible_at, app.application_id)
      and programme.override_ended(o.application_id) is null)
  union all
  select 'QUOTA_FREE',
         coalesce((select format('All %s places of the season %s are given.', s.quota, s.season) from season s),
                  'No season of the programme has opened.')
  from app
  where not exists (select from season s where s.quota is null or s.reserved < s.quota)
  union all
  select 'QUOTA_USED', 'The season has places left.'
  from app
  where exists (select from season s where s.quota is null or s.reserved < s.quota)
    and not exists (
      select from programme.application o
      where o.programme_id = app.programme_id and o.state = 'waitlisted'
        and (o.eligible_at, o.application_id) < (app.eligible_at, app.application_id)
      and programme.override_ended(o.application_id) is null)
  union all
  select 'APPOINTMENT', 'No appointment is planned.'
  from app
  where not exists (
    select from programme.appointment t where t.application_id = app.application_id and t.status = 'planned')
  union all
  select 'VISIT_INSTALLABLE', 'No visit has found that the device can go in.'
  from app where not exists (select from visit v where v.result = 'installable')
  union all
  select 'VISIT_REJECTED', 'No visit has found that the device cannot go in.'
  from app where not exists (select from visit v where v.result = 'rejected')
  union all
  select 'CREW',
         case app.kind when 'paid' then 'A paid installation takes a visit by a licensed electrician.'
                       else 'A free installation takes a visit by the utility''s own crew.' end
  from app
  where not exists (
    select from visit v where v.crew = case app.kind when 'paid' then 'electrician' else 'utility' end)
  union all
  select 'DEVICE', 'No device is assigned to the premise for this application.'
  from app where not exists (select from device)
  union all
  select 'REMOVAL', 'No removal is recorded.'
  from app
  where exists (select from device)
     or not exists (select from programme.removal r where r.application_id = app.application_id)
$$;
comment on function programme.guard_failure(bigint) is
  'The guards of programme.transition that do not hold for an application now.';
grant execute on function programme.guard_failure(bigint) to bptm_http, bptm_import;
