-- The hash of a seal: over the hash of the one before, its number, its time, and the rows with their hashes.
create or replace function access.audit_seal_hash(
  in_previous bytea, in_number bigint, in_sealed_at timestamptz, in_ids bigint[], in_hashes bytea[])
returns bytea
language sql stable
set search_path = pg_catalog, pg_temp
return sha256(convert_to(json_build_array(
  encode(in_previous, 'hex'), in_number, to_char(in_sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
  (select string_agg(i.id || ':' || encode(i.hash, 'hex'), ' ' order by i.n)
   from unnest(in_ids, in_hashes) with ordinality i(id, hash, n)))::text, 'UTF8'));
comment on function access.audit_seal_hash(bytea, bigint, timestamptz, bigint[], bytea[]) is 'SHA-256 of a seal over the audit.';
grant execute on function access.audit_seal_hash(bytea, bigint, timestamptz, bigint[], bytea[]) to bptm_job;
