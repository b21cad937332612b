-- One import or publication at a time, until the end of the transaction.
create or replace function programme.generator_list_lock()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select pg_advisory_xact_lock(hashtext('programme.generator_list'))
$$;
comment on function programme.generator_list_lock() is 'One import or publication at a time.';
grant execute on function programme.generator_list_lock() to bptm_http, bptm_import;

-- Make a draft the active list, by another person than the one who imported it. Errors: not-found;
-- state-refused when it is not a draft; same-person.
create or replace function programme.generator_list_publish(in_version integer, in_by text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_list programme.generator_list;
begin
  perform programme.generator_list_lock();
  select * into l_list from programme.generator_list l where l.version = in_version;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  elsif l_list.state <> 'draft' then
    raise exception using errcode = 'BP001', message = 'state-refused';
  elsif l_list.imported_by = in_by then
    raise exception using errcode = 'BP001', message = 'same-person';
  end if;
  update programme.generator_list l set active = false where l.active;
  update programme.generator_list l
  set active = true, state = 'published', published_by = in_by, published_at = now()
  where l.generator_list_id = l_list.generator_list_id;
  perform programme.generator_answer_refresh();
end
$$;
comment on function programme.generator_list_publish(integer, text) is
  'Make a draft the active list, by another person than the one who imported it.';
grant execute on function programme.generator_list_publish(integer, text) to bptm_http;
