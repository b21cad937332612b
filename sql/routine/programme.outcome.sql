-- The outcome of all rules: any fail that is sure, ineligible; else anything unknown or too near to a
-- boundary, in_review; else eligible. Inlined, so stable like what it calls.
create or replace function programme.outcome(in_codes text[])
returns text
language sql stable parallel safe
as $$
  select case
    when ' ' || array_to_string(in_codes, ' ') like '% fail%' then 'ineligible'
    when ' ' || array_to_string(in_codes, ' ') like '% unknown%' then 'in_review'
    when ' ' || array_to_string(in_codes, ' ') like '% near/%' then 'in_review'
    else 'eligible' end
$$;
comment on function programme.outcome(text[]) is 'The outcome of all rules.';
grant execute on function programme.outcome(text[]) to bptm_http, bptm_import;
