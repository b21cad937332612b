-- Write the ready answers of the active list anew: rows that would say the same are left alone. Gives
-- how many rows changed. Called when a list is published, and by a timer, since dates of entries pass
-- and counts of the field grow.
-- With keys (as programme.generator_key makes them) only for those models, and for entries with dates.
drop function if exists programme.generator_answer_refresh();
create or replace function programme.generator_answer_refresh(in_keys text[] default null)
returns bigint
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with wanted as materialized (
    select lower(m.make) as make, lower(m.model) as model, m.generator_model_id,
           d.document::text as body, d.document ->> 'verdict' as verdict, d.document ->> 'grade' as grade
    from programme.generator_list l join programme.generator_model m using (generator_list_id)
    cross join lateral (select programme.generator_document(m, '{}') offset 0) d(document)
    where l.active and (in_keys is null or m.valid_from is not null or m.valid_to is not null
      or programme.generator_key(m.make || m.model) = any (in_keys))
  ), gone as (
    delete from programme.generator_answer a
    where in_keys is null
      and not exists (select from wanted w where w.make = a.make and w.model = a.model)
    returning 1
  ), kept as (
    insert into programme.generator_answer as a (make, model, generator_model_id, verdict, grade, body)
    select w.make, w.model, w.generator_model_id, w.verdict, w.grade, w.body from wanted w order by w.make, w.model
    on conflict (make, model) do update
    set (generator_model_id, verdict, grade, body)
      = (excluded.generator_model_id, excluded.verdict, excluded.grade, excluded.body)
    where (a.generator_model_id, a.body) is distinct from (excluded.generator_model_id, excluded.body)
    returning 1
  )
  select (select count(*) from gone) + (select count(*) from kept)
$$;
comment on function programme.generator_answer_refresh(text[]) is
  'Write the ready answers of the active list anew; gives how many changed.';
grant execute on function programme.generator_answer_refresh(text[]) to bptm_http, bptm_job;
-- the rules above may have changed with this upgrade
select programme.generator_answer_refresh();
