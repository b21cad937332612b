-- Which list an answer is from (null: the active one); null when there is none.
create or replace function programme.generator_list_head(in_generator_list_id bigint)
returns json
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select json_build_object('version', l.version, 'source', l.source,
           'imported_at', access.rfc3339(l.imported_at), 'published_at', access.rfc3339(l.published_at))
  from programme.generator_list l
  where l.generator_list_id = in_generator_list_id or in_generator_list_id is null and l.active
$$;
comment on function programme.generator_list_head(bigint) is 'Which list an answer is from.';
grant execute on function programme.generator_list_head(bigint) to bptm_http, bptm_job;
