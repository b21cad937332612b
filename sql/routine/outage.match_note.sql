-- Note an event that was made, revised or withdrawn, to be matched.
create or replace function outage.match_note()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(new.kind, old.kind) = 'outage' and (tg_op <> 'UPDATE' or new.version <> old.version) then
    insert into outage.match_due (event_id) values (coalesce(new.event_id, old.event_id));
  end if;
  return null;
end
$$;
comment on function outage.match_note() is 'Note an event to be matched with what others say.';
create or replace trigger match after insert or update of version or delete on outage.event
for each row execute function outage.match_note();
