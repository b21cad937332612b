-- The difference between good rows of an import and what is stored: of each object only the fields
-- that differ. An empty cell keeps what is stored, or clears it when the import says so; a column
-- that is not there changes nothing.
create or replace function programme.import_differ(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, action text, object_key text, target_id bigint, before jsonb, after jsonb)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  l_kind text;
  l_clear boolean;
  l_absent text[];
begin
  select i.kind, i.empty_cells = 'clear',
         array(select f.name from programme.import_field f where f.kind = i.kind and i.places[f.place] is null)
    into strict l_kind, l_clear, l_absent
  from programme.import i where i.import_id = in_import_id;
  return query execute format(
    'select r.row_no, case when r.before is null then ''create'' else ''update'' end, r.object_key, r.target_id, d.before, d.after
     from programme.import_rows_%s($1, $2, $3) r
     cross join lateral (select case when $4 then r.after - $5 else jsonb_strip_nulls(r.after) end as given) g
     cross join lateral (
       select case when r.before is not null then jsonb_object_agg(k.key, r.before -> k.key) end as before,
              jsonb_object_agg(k.key, k.value) as after
       from jsonb_each(g.given) k
       where r.before is null or k.value is distinct from coalesce(r.before -> k.key, ''null'')) d
     where d.after is not null', l_kind)
    using in_import_id, in_from, in_to, l_clear, l_absent;
end
$$;
comment on function programme.import_differ(bigint, integer, integer) is 'Difference between rows of an import and what is stored.';
grant execute on function programme.import_differ(bigint, integer, integer) to bptm_import;
