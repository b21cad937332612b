-- Which columns of an import of accounts are staged as they are, 'p' for each and 's' for those that are sealed before
-- (server/store/import_stage.c): whatever is not known to be about the account alone. Null when nothing is sealed.
create or replace function programme.import_plain(in_import_id bigint)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select string_agg(case when exists (
      select from programme.import_field f
      where f.kind = i.kind and i.places[f.place] = h.n and f.name not in ('customer_name', 'email', 'phone')) then 'p' else 's' end, '' order by h.n)
  from programme.import i
  cross join lateral generate_series(1, cardinality(i.header)) h(n)
  where i.import_id = in_import_id and i.kind = 'accounts';
end;
comment on function programme.import_plain(bigint) is 'Columns of an import that are staged as they are.';
grant execute on function programme.import_plain(bigint) to bptm_http, bptm_import;
