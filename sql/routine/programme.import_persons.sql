-- The customers of the accounts that rows of an import name, sealed, as a JSON array for who opens them
-- (server/store/import_person.c). It goes by index from the rows, whatever statistics say: a first import fills
-- tables that the planner takes for empty.
create or replace function programme.import_persons(in_import_id bigint, in_from integer, in_to integer)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  with named as materialized (
    select distinct a.customer_id
    from programme.import_value(in_import_id, in_from, in_to) g
    cross join lateral (select x.customer_id from programme.account x where x.number = g.v[1] offset 0) a
  )
  select coalesce(json_agg(json_build_object('customer_id', c.customer_id,
    'name', person.sealed(c.customer_id, 'name', c.name_box), 'email', person.sealed(c.customer_id, 'email', c.email_box),
    'phone', person.sealed(c.customer_id, 'phone', c.phone_box))), '[]')::text
  from named n
  cross join lateral (select x.* from person.customer x where x.customer_id = n.customer_id offset 0) c
$$;
comment on function programme.import_persons(bigint, integer, integer) is 'Customers of the accounts that rows of an import name, sealed.';
grant execute on function programme.import_persons(bigint, integer, integer) to bptm_import;
