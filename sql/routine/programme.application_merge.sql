-- Join two applications for the same home: the one is kept, the other closed in its favour, with a
-- log. Rows as those of programme.application_move; refused by NOT_DUPLICATE when nothing says
-- that they are for one home. Errors: not-found.
create or replace function programme.application_merge(in_kept_id bigint, in_merged_id bigint,
  in_reason text, in_actor access.actor)
returns table (from_state text, to_state text, refused_by text, sentence text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_matched text[];
begin
  perform from programme.application a
  where a.application_id in (in_kept_id, in_merged_id)
  order by a.application_id
  for update;
  if (select count(*) from programme.application a where a.application_id in (in_kept_id, in_merged_id)) < 2 then
    raise exception using errcode = 'BP001', message = 'not-found';
  end if;
  select d.matched into l_matched
  from programme.duplicate(in_kept_id) d where d.application_id = in_merged_id;
  if not found then
    return query select null::text, null::text, 'NOT_DUPLICATE'::text,
      'The other application has ended, or shares neither address, account nor meter with this one.'::text;
    return;
  end if;
  return query
    select m.* from programme.application_move(in_merged_id, 'merge', 'MERGE',
      format('merged into %s: %s', in_kept_id, in_reason), in_actor) m;
  if exists (select from programme.application a where a.application_id = in_merged_id and a.state = 'closed') then
    insert into programme.application_merge (merged_id, kept_id, matched, reason, token_id, role)
    values (in_merged_id, in_kept_id, l_matched, in_reason, in_actor.token_id,
            coalesce(in_actor.role, 'bptmctl'));
  end if;
end
$$;
comment on function programme.application_merge(bigint, bigint, text, access.actor) is
  'Close an application in favour of another for the same home, with a log.';
grant execute on function programme.application_merge(bigint, bigint, text, access.actor) to bptm_http;
