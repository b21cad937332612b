-- programme.circuit_designation is the register that imports change; decisions rest on versions of
-- it. A transaction that changes the register makes one new version of each list that it touched.
create function programme.circuit_list_keep()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  l_designation text := coalesce(new.designation, old.designation);
  l_id bigint;
begin
  if exists (select from programme.circuit_list l
             where l.designation = l_designation and l.created_in = pg_current_xact_id()) then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtext('programme.circuit_list'));
  update programme.circuit_list l set active = false where l.designation = l_designation and l.active;
  insert into programme.circuit_list (designation, version, source, state, active)
  select l_designation, coalesce(max(l.version), 0) + 1, 'register', 'published', true
  from programme.circuit_list l where l.designation = l_designation
  returning circuit_list_id into l_id;
  insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
  select l_id, d.circuit_id, d.valid_from, d.valid_to
  from programme.circuit_designation d where d.designation = l_designation;
  return null;
end
$$;
comment on function programme.circuit_list_keep() is
  'Keep the register of circuits as a new version of the list that was changed.';
create constraint trigger circuit_list_keep
  after insert or update or delete on programme.circuit_designation
  deferrable initially deferred
  for each row execute function programme.circuit_list_keep();
