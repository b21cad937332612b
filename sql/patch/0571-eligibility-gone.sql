-- programme.decide says what each rule says, and keeps it; nothing asked this any more. The timers decide nothing.
drop function if exists programme.eligibility(bigint[]);
do $$
declare
  l_function regprocedure;
begin
  for l_function in
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'programme'::regnamespace
      and p.proname in ('judged', 'judged_common', 'rule_code', 'rule_term', 'rule_test', 'rule_told', 'rule_result', 'outcome',
                        'fact_json', 'fact_of')
  loop
    execute format('revoke execute on function %s from bptm_job', l_function);
  end loop;
end
$$;
