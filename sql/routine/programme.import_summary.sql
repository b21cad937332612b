-- What the audit says of an import: file, digest, counts, reason; no personal data.
create or replace function programme.import_summary(in_import_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select jsonb_build_object('kind', i.kind, 'file_name', i.file_name, 'why', i.why, 'sha256', encode(i.sha256, 'hex'),
    'bytes', i.bytes, 'rows', i.rows, 'errors', i.errors, 'rejected', i.rejected, 'creates', i.creates,
    'updates', i.updates, 'unchanged', i.unchanged, 'skip_errors', i.skip_errors)
  from programme.import i where i.import_id = in_import_id;
end;
comment on function programme.import_summary(bigint) is 'File, digest, counts and reason of an import, for the audit.';
grant execute on function programme.import_summary(bigint) to bptm_http, bptm_import;
