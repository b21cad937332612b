-- Feed premises by circuits from a day on: what fed them before ends there; the same day again is a
-- correction. Arrays of one length, a premise and a day at most once.
create or replace function programme.import_link(in_premise_ids bigint[], in_circuit_ids text[], in_from date[], in_to date[])
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if in_premise_ids is null then
    return;
  end if;
  update programme.premise_circuit l
  set valid_to = n.valid_from
  from (
    select distinct on (u.premise_id, o.valid_from) u.premise_id, o.valid_from as old_from, u.valid_from
    from unnest(in_premise_ids, in_from) u(premise_id, valid_from)
    join programme.premise_circuit o on o.premise_id = u.premise_id and o.valid_from < u.valid_from and o.valid_to is null
    order by u.premise_id, o.valid_from, u.valid_from
  ) n
  where l.premise_id = n.premise_id and l.valid_from = n.old_from;

  insert into programme.premise_circuit as l (premise_id, circuit_id, valid_from, valid_to)
  select u.premise_id, u.circuit_id, u.valid_from,
         coalesce(u.valid_to, lead(u.valid_from) over (partition by u.premise_id order by u.valid_from),
                  (select min(o.valid_from) from programme.premise_circuit o where o.premise_id = u.premise_id and o.valid_from > u.valid_from))
  from unnest(in_premise_ids, in_circuit_ids, in_from, in_to) u(premise_id, circuit_id, valid_from, valid_to)
  on conflict (premise_id, valid_from) do update 
    set circuit_id = excluded.circuit_id, valid_to = coalesce(excluded.valid_to, l.valid_to);
end
$$;
comment on function programme.import_link(bigint[], text[], date[], date[]) is 'Feed premises by circuits from a day on.';
grant execute on function programme.import_link(bigint[], text[], date[], date[]) to bptm_import;
