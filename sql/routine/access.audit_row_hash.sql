-- The one canonical form of an audit row, hashed: for who seals and who verifies. A column that is added later is to be left out
-- where it is null, so that rows sealed before keep their hash.
create or replace function access.audit_row_hash(in_row access.audit)
returns bytea
language sql stable
set search_path = pg_catalog, pg_temp
return sha256(convert_to(json_build_array(
  in_row.audit_id, to_char(in_row.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), in_row.token_id, in_row.subject, in_row.role,
  in_row.action, in_row.object_id, in_row.before, in_row.after, in_row.reason, in_row.request_id)::text, 'UTF8'));
comment on function access.audit_row_hash(access.audit) is 'SHA-256 of the canonical form of an audit row.';
grant execute on function access.audit_row_hash(access.audit) to bptm_job;
