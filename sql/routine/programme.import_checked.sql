-- End a check: count what was found. The state goes on only from checking.
create or replace function programme.import_checked(in_import_id bigint)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  update programme.import i
  set state = 'checked', changed_at = now(), errors = e.errors, rejected = e.rejected, creates = c.creates, updates = c.updates,
      unchanged = i.rows - e.rejected - c.creates - c.updates
  from (select count(*) as errors, count(distinct x.row_no) as rejected
        from person.import_error x where x.import_id = in_import_id) e,
       (select count(*) filter (where x.action = 'create') as creates, count(*) filter (where x.action = 'update') as updates
        from person.import_change x where x.import_id = in_import_id) c
  where i.import_id = in_import_id and i.state = 'checking';
end;
comment on function programme.import_checked(bigint) is 'Count what a check of an import found, and end it.';
grant execute on function programme.import_checked(bigint) to bptm_import;
