-- A time as roll-ups write it, local in a zone: 2019-10-26 20:19[:05], 10/26/2019 20:19[:05] [PM], with a two
-- digit year, with T between or an offset behind, or the number of days that a spreadsheet keeps. Null when
-- it is none of these.
create or replace function outage.read_time(in_text text, in_zone text)
returns timestamptz
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, MDY'
as $$
declare
  l_text text := regexp_replace(btrim(in_text), '\s+', ' ', 'g');
begin
  if l_text ~ '^\d{5}(\.\d{1,12})?$' then
    return (timestamp '1899-12-30' + round(l_text::numeric * 86400) * interval '1 second') at time zone in_zone;
  elsif l_text ~ '^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?(Z|[+-]\d{2}:?\d{2})$' then
    return l_text::timestamptz;
  elsif l_text ~* '^(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/(\d{2}|\d{4})),?[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?[AP]M)?$' then
    return replace(l_text, ',', '')::timestamp at time zone in_zone;
  end if;
  return null;
exception when datetime_field_overflow or invalid_datetime_format or invalid_text_representation then
  return null;
end
$$;
comment on function outage.read_time(text, text) is 'A time as roll-ups write it; null when it is none.';
grant execute on function outage.read_time(text, text) to bptm_import;
