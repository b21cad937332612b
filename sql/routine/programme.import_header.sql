-- Take the header of an upload: which column holds which field, by the mapping (an empty field
-- leaves a column out), else by the field's name, else by its synonyms. Gives what is wrong, in
-- words; null when nothing is, and then header and places are kept.
create or replace function programme.import_header(in_import_id bigint, in_header text[])
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_kind text;
  l_mapping jsonb;
  l_fields text[];
  l_fault text;
begin
  select i.kind, i.mapping into strict l_kind, l_mapping from programme.import i where i.import_id = in_import_id;

  select array_agg(coalesce(l_mapping ->> h.name, (
           select f.name from programme.import_field f
           where f.kind = l_kind and f.name not in (select m.value from jsonb_each_text(l_mapping) m)
             and (f.name = lower(h.name)
               or regexp_replace(lower(h.name), '[^a-z0-9]', '', 'g') = any (f.synonyms || replace(f.name, '_', '')))
           order by (f.name = lower(h.name)) desc, f.place limit 1)) order by h.n)
    into l_fields
  from (select u.n, btrim(u.name) as name from unnest(in_header) with ordinality u(name, n)) h;

  select coalesce(
    (select format('the mapping names the column ''%s'', which the file does not have', left(m.key, 60))
     from jsonb_each_text(l_mapping) m
     where m.key not in (select btrim(h) from unnest(in_header) h) order by m.key limit 1),
    (select format('the mapping names the field ''%s'', which %s do not have; they have: %s', left(m.value, 60), l_kind,
              (select string_agg(f.name, ', ' order by f.place) from programme.import_field f where f.kind = l_kind))
     from jsonb_each_text(l_mapping) m
     where m.value <> '' and m.value not in (select f.name from programme.import_field f where f.kind = l_kind)
     order by m.key limit 1),
    (select format('the columns %s are all %s; say by a mapping which one is', string_agg(format('''%s''', left(u.name, 60)), ', ' order by u.n), u.field)
     from unnest(in_header, l_fields) with ordinality u(name, field, n)
     where u.field <> '' group by u.field having count(*) > 1 order by min(u.n) limit 1),
    (select format('no column for %s; name its column by a mapping%s', string_agg(f.name, ', ' order by f.place),
              case when cardinality(in_header) = 1 then ', and look at the separator: the file has one column' else '' end)
     from programme.import_field f
     where f.kind = l_kind and f.required and f.name <> all (array_remove(l_fields, null)) having count(*) > 0),
    -- what a list does not say is unknown of the model, so that a name with a mistake must not pass
    (select format('the column ''%s'' is not known; leave it out by a mapping', left(u.name, 60))
     from unnest(in_header, l_fields) with ordinality u(name, field, n)
     where u.field is null and l_kind = 'generators' order by u.n limit 1))
    into l_fault;
  if l_fault is null then
    update programme.import i
    set header = in_header,
        places = array(select array_position(l_fields, f.name) from programme.import_field f where f.kind = l_kind order by f.place)
    where i.import_id = in_import_id;
  end if;
  return l_fault;
end
$$;
comment on function programme.import_header(bigint, text[]) is
  'Match the header of an upload with the fields of its kind; gives what is wrong, or null.';
grant execute on function programme.import_header(bigint, text[]) to bptm_http, bptm_import;
