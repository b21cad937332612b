-- End a commit with its audit row; state-refused when it was cancelled meanwhile.
create or replace function programme.import_committed(in_import_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update programme.import i set state = 'committed', note = null, changed_at = now()
  where i.import_id = in_import_id and i.state = 'committing';
  if not found then
    raise exception using errcode = 'BP001', message = 'state-refused';
  end if;
  insert into access.audit (token_id, role, action, object_id, after, request_id, reason)
  select i.commit_token_id, i.commit_role, 'import.commit', i.import_id, programme.import_summary(i.import_id), 'import-' || i.import_id, i.why
  from programme.import i where i.import_id = in_import_id;
end
$$;
comment on function programme.import_committed(bigint) is 'End the commit of an import, with its audit row.';
grant execute on function programme.import_committed(bigint) to bptm_import;
