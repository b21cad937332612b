-- A time as every answer of the REST API writes it: RFC 3339, UTC, milliseconds. Without a pinned
-- search_path, so that it can be inlined; all that it calls is qualified.
create or replace function access.rfc3339(in_at timestamptz)
returns text
language sql stable parallel safe
return pg_catalog.to_char(in_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
comment on function access.rfc3339(timestamptz) is 'RFC 3339, UTC, milliseconds.';
grant execute on function access.rfc3339(timestamptz) to bptm_http, bptm_job, bptm_import;
