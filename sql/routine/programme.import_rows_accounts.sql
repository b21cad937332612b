-- Good rows of an import of accounts beside what is stored: before is null when it is not there. An
-- account that is held and is no longer active, or has a day on which its customer moved out, is a
-- move-out: it ends as many applications as are named. One that is over stays so. What is
-- personal is sealed in the rows, and who calls has sealed what is stored in the same way (server/store/import_person.c), so that it
-- compares. Who was erased stays so.
create or replace function programme.import_rows_accounts(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, object_key text, target_id bigint, before jsonb, after jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with offered as materialized (
    select p.*
    from jsonb_to_recordset(coalesce(nullif(current_setting('bptm.persons', true), ''), '[]')::jsonb)
      p(customer_id bigint, name text, email text, phone text)
  )
  select g.row_no, g.number, a.account_id,
    case when a.account_id is not null then jsonb_build_object(
      'premise_code', g.v[2], 'kind', a.kind, 'active', a.active, 'customer_name', o.name, 'email', o.email,
      'phone', o.phone, 'medical_baseline', c.medical_baseline, 'moved_out', a.moved_out, 'ends_applications', 0) end,
    jsonb_build_object(
      'premise_code', g.v[2], 'kind', lower(g.v[3]), 'active', coalesce(g.active, a.active), 'customer_name', case when c.erased_at is null then g.v[5] end,
      'email', case when c.erased_at is null then g.v[6] end, 'phone', case when c.erased_at is null then g.v[7] end,
      'medical_baseline', coalesce(lower(g.v[8]) in ('yes', 'y', 'true', '1'), c.medical_baseline),
      'moved_out', coalesce(a.moved_out, g.moved_out))
    || case when l.leaves then jsonb_build_object('ends_applications', (
         select count(*) from programme.application o
         join programme.transition t on t.from_state = o.state and t.action = 'move_out'
         where o.account_id = a.account_id)) else '{}' end
  from (
    select i.row_no, i.v, i.v[1] as number, i.v[9]::date as moved_out,
           case when i.v[9] is not null then false else lower(i.v[4]) in ('yes', 'y', 'true', '1') end as active
    from programme.import_value(in_import_id, in_from, in_to) i
  ) g
  left join programme.account a on a.number = g.number
  left join person.customer c on c.customer_id = a.customer_id
  left join offered o on o.customer_id = a.customer_id
  cross join lateral (
    select coalesce(a.account_id is not null and a.moved_out is null
                    and (g.moved_out is not null or a.active and not g.active), false) as leaves) l
$$;
comment on function programme.import_rows_accounts(bigint, integer, integer) is 'Accounts of an import beside those stored.';
grant execute on function programme.import_rows_accounts(bigint, integer, integer) to bptm_import;
