-- Make a version of a layer the active one; gives its id. Errors: not-found; state-refused when it is
-- the active one already.
create or replace function programme.zone_layer_publish(in_code text, in_version integer)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_layer programme.zone_layer;
begin
  lock table programme.zone_layer in share row exclusive mode;
  select * into l_layer from programme.zone_layer l where l.code = in_code and l.version = in_version;
  if not found then
    raise exception using errcode = 'BP001', message = 'not-found';
  elsif l_layer.active then
    raise exception using errcode = 'BP001', message = 'state-refused', detail = 'This version is the active one.';
  end if;
  update programme.zone_layer l set active = false where l.code = in_code and l.active;
  update programme.zone_layer l set state = 'published', active = true where l.zone_layer_id = l_layer.zone_layer_id;
  return l_layer.zone_layer_id;
end
$$;
comment on function programme.zone_layer_publish(text, integer) is 'Make a version of a layer the active one.';
grant execute on function programme.zone_layer_publish(text, integer) to bptm_http;
