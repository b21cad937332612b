-- What a commissioning still lacks, each with a sentence: the meter's own journal decides, not the crew.
create or replace function programme.meter_check_failure(in_application_id bigint)
returns table (code text, sentence text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with c as (select * from programme.meter_check(in_application_id))
  select 'DEVICE', 'No device is assigned to the premise for this application.'
  where not exists (select from c)
  union all
  select 'SELF_TEST', case when c.self_test_seq is null then 'The journal has no self-test since the meter was put in.'
                           else 'The newest self-test did not pass.' end
  from c where c.self_test_result is distinct from 0
  union all
  select 'TRANSFER', 'The journal has no transfer to the generator since the meter was put in.'
  from c where c.transfer_seq is null
  union all
  select 'RETURN', 'The home has not gone back to the utility after that transfer.'
  from c where c.transfer_seq is not null and c.return_seq is null
  union all
  select 'RECEIPT', 'The records of it have no receipt yet.'
  from c where greatest(c.self_test_seq, c.transfer_seq, c.return_seq) > c.receipted
$$;
comment on function programme.meter_check_failure(bigint) is 'What a commissioning still lacks.';
grant execute on function programme.meter_check_failure(bigint) to bptm_http;
