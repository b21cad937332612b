-- One verdict on one generator, from a list or from its label, from what programme.generator_rule says:
--   incompatible  one of RCPT, VOLT, AMPS, OCP, NEUT, LIST fails
--   unknown       RCPT, VOLT or AMPS is unknown: there is nothing to plug the cord into, as far as known
--   conditional   it connects, and something is to be checked at the site, switched, shed or replaced
--   compatible    otherwise
-- The grade is about power alone, at the altitude asked about: FULL from 7200 W running, REDUCED
-- below, null when not known. Inlined.
create or replace function programme.generator_judge(in_model programme.generator_model, in_site jsonb)
returns table (verdict text, grade text, rules jsonb)
language sql stable parallel safe
as $$
  with judged as (
    select jsonb_agg(jsonb_build_object('code', r.code, 'result', r.result, 'sentence', r.sentence)
                     order by r.position) as rules,
           bool_or(r.result = 'fail' and r.code not in ('CO', 'CARB', 'CORD')) as refused,
           bool_or(r.result = 'unknown' and r.code in ('RCPT', 'VOLT', 'AMPS')) as unproven,
           bool_or(r.result = 'conditional' or r.result = 'fail'
                   or r.result = 'unknown' and r.code in ('OCP', 'NEUT')) as conditional,
           bool_or(r.code = 'ALT' and r.result = 'conditional') as thin_air
    from programme.generator_rule(in_model, in_site) r
  ), graded as (
    select j.*, case when j.thin_air or w.most_w < 7200 then 'REDUCED' when w.most_w >= 7200 then 'FULL' end
             as grade
    from judged j
    cross join programme.generator_most_w(in_model, in_site ->> 'fuel') w(most_w)
  )
  select case when g.refused then 'incompatible'
              when g.unproven then 'unknown'
              when g.conditional or g.grade = 'REDUCED' then 'conditional'
              else 'compatible' end,
         g.grade, g.rules
  from graded g
$$;
comment on function programme.generator_judge(programme.generator_model, jsonb) is
  'One verdict, with grade and rules, on one generator, from a list or from its label.';
grant execute on function programme.generator_judge(programme.generator_model, jsonb) to bptm_http, bptm_job, bptm_import;
