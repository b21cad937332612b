-- One verdict for each generator model, from what programme.generator_check says of it:
--   incompatible  one of RCPT, VOLT, AMPS, OCP, NEUT fails
--   unknown       RCPT, VOLT or AMPS is unknown: there is nothing to plug the cord into, as far as known
--   conditional   it connects, and something is to be checked at the site, switched or shed
--   compatible    otherwise
-- The grade is about power alone: FULL from 7200 W running, REDUCED below, null when not known.
create or replace function programme.generator_verdict(in_generator_model_ids bigint[])
returns table (generator_model_id bigint, verdict text, grade text, rules jsonb)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with judged as (
    select c.generator_model_id,
           jsonb_agg(jsonb_build_object('code', c.code, 'result', c.result, 'sentence', c.sentence)
                     order by c.position) as rules,
           bool_or(c.result = 'fail' and c.code not in ('CO', 'CARB')) as refused,
           bool_or(c.result = 'unknown' and c.code in ('RCPT', 'VOLT', 'AMPS')) as unproven,
           bool_or(c.result = 'conditional' or c.result = 'fail'
                   or c.result = 'unknown' and c.code in ('OCP', 'NEUT')) as conditional
    from programme.generator_check(in_generator_model_ids) c
    group by c.generator_model_id
  ), graded as (
    select m.generator_model_id,
           (select case when max(u.w) >= 7200 then 'FULL' when max(u.w) < 7200 then 'REDUCED' end
            from unnest(m.running_w) u(w)) as grade
    from programme.generator_model m
    where m.generator_model_id = any (in_generator_model_ids)
  )
  select j.generator_model_id,
         case when j.refused then 'incompatible'
              when j.unproven then 'unknown'
              when j.conditional or g.grade = 'REDUCED' then 'conditional'
              else 'compatible' end,
         g.grade, j.rules
  from judged j join graded g using (generator_model_id)
$$;
comment on function programme.generator_verdict(bigint[]) is
  'One verdict, with grade and rules, for each generator model.';
grant execute on function programme.generator_verdict(bigint[]) to bptm_http;
