-- A sealed value as JSON that the server opens before anybody sees it (server/codec/person_text.c). Without a pinned search_path, so
-- that it can be inlined; all that it calls is qualified.
create or replace function person.sealed(in_customer_id bigint, in_field text, in_box bytea)
returns json
language sql immutable parallel safe
return case when in_box is not null then
  ('{"sealed":"' || in_customer_id::text || '.' || in_field || '.' || pg_catalog.encode(in_box, 'hex') || '"}')::json end;
comment on function person.sealed(bigint, text, bytea) is 'A sealed value as JSON.';
grant execute on function person.sealed(bigint, text, bytea) to bptm_http, bptm_import;
