-- Verify the seals after one, at most so many, and give each place where they or the audit are not as they were sealed.
create or replace function access.audit_verify_page(in_after bigint, in_most integer)
returns table (number bigint, fault text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with page as materialized (
    select s.*, b.hash as before_hash, b.last_id as before_id, coalesce(b.number, 0) as before,
           s.number = coalesce(b.number, 0) + 1 as is_next
    from access.audit_seal s
    left join lateral (
      select x.number, x.hash, x.ids[cardinality(x.ids)] as last_id
      from access.audit_seal x where x.number < s.number order by x.number desc limit 1) b on true
    where s.number > in_after order by s.number limit in_most
  ), item as materialized (
    select p.number, i.id, i.hash from page p cross join lateral unnest(p.ids, p.hashes) i(id, hash)
  ), found as (
    select p.number, 0 as place, p.before as id, format('seal %s: missing', concat_ws(' to ', p.before + 1, nullif(p.number - 1, p.before + 1))) as fault
    from page p where not p.is_next
    union all
    select p.number, 1, p.before,
           case when p.before = 0 then 'seal 1: not the first' else format('seal %s: not the one before seal %s', p.before, p.number) end
    from page p where p.is_next and p.previous <> coalesce(p.before_hash, '')
    union all
    select p.number, 2, p.number, format('seal %s: altered', p.number)
    from page p where p.hash <> access.audit_seal_hash(p.previous, p.number, p.sealed_at, p.ids, p.hashes)
    union all
    select i.number, 3, i.id, format('seal %s: row %s: %s', i.number, i.id, case when a.audit_id is null then 'deleted' else 'changed' end)
    from item i left join access.audit a on a.audit_id = i.id
    where a.audit_id is null or access.audit_row_hash(a) is distinct from i.hash
    union all
    -- after a seal that is missing nobody knows where its rows ended
    select p.number, 3, a.audit_id, format('seal %s: row %s: inserted', p.number, a.audit_id)
    from page p join access.audit a
      on a.audit_id > case when p.is_next then coalesce(p.before_id, '-9223372036854775808'::bigint) else p.ids[1] end
      and a.audit_id <= p.ids[cardinality(p.ids)]
    where not exists (select from item i where i.number = p.number and i.id = a.audit_id)
  )
  select f.number, f.fault from found f order by f.number, f.place, f.id
$$;
comment on function access.audit_verify_page(bigint, integer) is
  'Each place where the seals after one, at most so many, or the audit are not as they were sealed.';
