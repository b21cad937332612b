-- Good rows of an import of accounts beside what is stored: before is null when it is not there.
create or replace function programme.import_rows_accounts(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, object_key text, target_id bigint, before jsonb, after jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select g.row_no, g.v[1], a.account_id,
    case when a.account_id is not null then jsonb_build_object(
      'premise_code', g.v[2], 'kind', a.kind, 'active', a.active, 'customer_name', c.name, 'email', c.email,
      'phone', c.phone, 'medical_baseline', c.medical_baseline) end,
    jsonb_build_object(
      'premise_code', g.v[2], 'kind', lower(g.v[3]), 'active', lower(g.v[4]) in ('yes', 'y', 'true', '1'), 'customer_name', g.v[5],
      'email', g.v[6], 'phone', g.v[7], 'medical_baseline', lower(g.v[8]) in ('yes', 'y', 'true', '1'))
  from programme.import_value(in_import_id, in_from, in_to) g
  left join programme.account a on a.number = g.v[1]
  left join person.customer c on c.customer_id = a.customer_id
$$;
comment on function programme.import_rows_accounts(bigint, integer, integer) is 'Accounts of an import beside those stored.';
grant execute on function programme.import_rows_accounts(bigint, integer, integer) to bptm_import;
