-- A date of the form YYYY-MM-DD that exists, else null; a cast would end the statement.
create or replace function programme.import_date(in_text text)
returns date
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case
    when in_text !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' or in_text < '1900' then null
    when substr(in_text, 9)::integer
         <= extract(day from (substr(in_text, 1, 8) || '01')::date + interval '1 month - 1 day') then in_text::date
  end
$$;
comment on function programme.import_date(text) is 'A date of the form YYYY-MM-DD that exists, else null.';
grant execute on function programme.import_date(text) to bptm_http, bptm_import;
