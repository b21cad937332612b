-- The table of states and transitions: complete, unambiguous, and kept by the column's own check.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(8);

select results_eq('select state from programme.state order by 1',
  $$select m[1] from regexp_matches(
      (select pg_get_constraintdef(oid) from pg_constraint where conname = 'application_state_check'),
      '''([a-z_]+)''', 'g') m order by 1$$, 'the states are those of the column');
select is_empty('select * from programme.transition t where not exists (select from programme.state s where s.state = t.from_state)
  or not exists (select from programme.state s where s.state = t.to_state)', 'from and to are states');
select is_empty('select from_state, action from programme.transition group by 1, 2 having count(*) > 1',
  'an action leads from a state to one other');
select is_empty($$with recursive reached as (
    select 'draft' as state union
    select t.to_state from reached r join programme.transition t on t.from_state = r.state)
  select state from programme.state except select state from reached$$, 'every state can be reached from a draft');
select is_empty($$select distinct g from programme.transition t, unnest(t.guards) g
  where position(quote_literal(g) in pg_get_functiondef('programme.guard_failure(bigint)'::regprocedure)) = 0$$,
  'every guard is one that is checked');
-- a place goes with the states that have one, and only the season's own use keeps it
select is_empty($$select t.* from programme.transition t
  join programme.state f on f.state = t.from_state join programme.state o on o.state = t.to_state
  where (not f.has_place and o.has_place) <> (t.place = 'take')
     or f.has_place and not o.has_place and t.place <> 'free' and f.state <> 'installed'$$,
  'a place is taken on approval, and free again when the home is not served');
select is_empty($$select * from programme.transition t
  where t.to_state in ('withdrawn', 'closed', 'removed', 'rejected_on_site', 'needs_information') and not t.needs_reason$$,
  'an end takes a reason');
select is((select string_agg(s.state, ',' order by s.state) from programme.state s where s.is_live),
  (select string_agg(s.state, ',' order by s.state) from programme.state s where s.state not in (
    select m[1] from regexp_matches((select indexdef from pg_indexes where indexname = 'application_live'), '''([a-z_]+)''', 'g') m)),
  'what counts as live is what may exist once for each premise');
select * from finish();
rollback;
