-- Write a range of planned rows. Before the first range, meters that move are taken from where they
-- are, so that two premises may change theirs in one file.
create or replace function programme.import_apply(in_import_id bigint, in_from integer, in_to integer)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_kind text;
begin
  select i.kind into strict l_kind from programme.import i where i.import_id = in_import_id;
  if l_kind = 'premises' and in_from <= 2 then
    update programme.premise p
    set meter_number = null
    from person.import_change c
    where c.import_id = in_import_id and c.action = 'update' and c.before ->> 'meter_number' is not null
      and p.premise_id = c.target_id;
  end if;
  execute format('select programme.import_apply_%s($1, $2, $3)', l_kind) using in_import_id, in_from, in_to;
end
$$;
comment on function programme.import_apply(bigint, integer, integer) is 'Write a range of planned rows of an import.';
grant execute on function programme.import_apply(bigint, integer, integer) to bptm_import;
