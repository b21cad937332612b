-- Keep a draft of a ruleset: {"version", "title", "valid_from", "valid_to"?, "rules"}; gives its version. Errors:
-- not-found without such a programme; fields-invalid, with what is wrong. A version that is published
-- or in a preview stays as it is; another draft of the same version takes the place of the one before.
create or replace function programme.ruleset_draft(in_programme text, in_document jsonb)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_programme bigint := (select p.programme_id from programme.programme p where p.code = in_programme);
  l_wrong text;
  l_version bigint;
begin
  if l_programme is null then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  l_wrong := case
    when jsonb_typeof(in_document) <> 'object' then 'it is not an object'
    when coalesce(in_document ->> 'version', '') !~ '^[1-9][0-9]{0,8}$' then 'version is not a number from 1'
    when length(coalesce(in_document ->> 'title', '')) not between 1 and 200 then 'title is not a text of 1 to 200 characters'
    when coalesce(in_document ->> 'valid_from', '') !~ '^\d{4}-\d\d-\d\d$' then 'valid_from is not a day, YYYY-MM-DD'
    when coalesce(in_document ->> 'valid_to', '2000-01-01') !~ '^\d{4}-\d\d-\d\d$' then 'valid_to is not a day, YYYY-MM-DD'
    when coalesce(jsonb_typeof(in_document -> 'rules'), '') <> 'array' then 'rules is not an array' end;
  l_wrong := coalesce(l_wrong, (
    select format('rule %s: %s', r.n, case when coalesce(r.rule ->> 'code', '') !~ '^[A-Z][A-Z_]{1,39}$' then 'code is not a word in capitals'
                                          else 'kind is not one that this server knows' end)
    from jsonb_array_elements(in_document -> 'rules') with ordinality r(rule, n)
    where coalesce(r.rule ->> 'code', '') !~ '^[A-Z][A-Z_]{1,39}$'
       or coalesce(r.rule ->> 'kind', '') <> all (array['area', 'prior_rebate', 'tenure', 'access', 'survey', 'account', 'business_meter',
         'meter_form', 'service_voltage', 'service_amps', 'medical', 'generator'])
    order by r.n limit 1));
  if l_wrong is not null then
    raise exception using errcode = 'BP001', message = 'fields-invalid', detail = l_wrong;
  end if;
  perform programme.rule_term(null, in_document -> 'rules');   -- their parameters can be read
  insert into programme.ruleset as r (programme_id, version, title, valid_from, valid_to, rules, state)
  values (l_programme, (in_document ->> 'version')::integer, in_document ->> 'title', (in_document ->> 'valid_from')::date,
          (in_document ->> 'valid_to')::date, in_document -> 'rules', 'draft')
  on conflict (programme_id, version) do update
  set title = excluded.title, valid_from = excluded.valid_from, valid_to = excluded.valid_to, rules = excluded.rules
  where r.state = 'draft' and not exists (select from programme.preview v where v.ruleset_id = r.ruleset_id)
  returning r.version into l_version;
  if l_version is null then
    raise exception using errcode = 'BP001', message = 'fields-invalid', detail = 'this version is published, or in a preview';
  end if;
  return l_version;
end
$$;
comment on function programme.ruleset_draft(text, jsonb) is 'Keep a draft of a ruleset.';
grant execute on function programme.ruleset_draft(text, jsonb) to bptm_http;
