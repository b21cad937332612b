-- Why the newest decision of an application holds no more: an override that it rests on has ended.
-- Null while it does hold. In PL/pgSQL, which keeps the plan from one application to the next.
create or replace function programme.override_ended(in_application_id bigint)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select format('The newest decision rests on an override of %s that has ended: it must be decided again.',
                  string_agg(o.o ->> 'code', ', ' order by o.o ->> 'code'))
    from (
      select d.inputs -> 'facts' -> 'overrides' as overrides
      from programme.decision d where d.application_id = in_application_id
      order by d.decision_id desc limit 1
    ) d
    cross join lateral jsonb_array_elements(d.overrides) o(o)
    where (o.o ->> 'until')::timestamptz <= now()
    having count(*) > 0);
end
$$;
comment on function programme.override_ended(bigint) is
  'Why the newest decision of an application holds no more; null while it does.';
grant execute on function programme.override_ended(bigint) to bptm_http, bptm_import;
