-- For lists of a time: what began up to three days before it is found by its start, the few that last longer, or
-- have no end, by an index of their own.
drop index outage.outage_lasted;
create index outage_long on outage.outage (premise_id, started_at)
  where ended_at is null or ended_at - started_at > interval '3 days';
-- so that the planner knows how few these are; a partition made from now on has it from the whole
do $$
declare
  l_part name;
begin
  for l_part in select c.relname from pg_class c
                where c.oid in (select 'outage.outage'::regclass
                                union select i.inhrelid from pg_inherits i where i.inhparent = 'outage.outage'::regclass) loop
    execute format('create statistics outage.%I on (ended_at - started_at) from outage.%I', l_part || '_length', l_part);
  end loop;
end $$;
