-- An address as duplicates are compared: lower case, without punctuation, with the usual words
-- shortened. An index rests on it, so it must never say anything else.
create function programme.address_key(in_address text, in_postal_code text)
returns text
language sql immutable parallel safe strict
set search_path = pg_catalog, pg_temp
as $$
  select replace(string_agg(
           case w.word
             when 'street' then 'st' when 'avenue' then 'ave' when 'road' then 'rd' when 'lane' then 'ln'
             when 'drive' then 'dr' when 'court' then 'ct' when 'boulevard' then 'blvd' when 'highway' then 'hwy'
             when 'place' then 'pl' when 'circle' then 'cir' when 'terrace' then 'ter' when 'parkway' then 'pkwy'
             when 'trail' then 'trl' when 'square' then 'sq' when 'mount' then 'mt' when 'saint' then 'st'
             when 'north' then 'n' when 'south' then 's' when 'east' then 'e' when 'west' then 'w'
             when 'apartment' then 'unit' when 'apt' then 'unit' when 'suite' then 'unit' when 'ste' then 'unit'
             when 'space' then 'unit' when 'spc' then 'unit'
             else w.word end, ' ' order by w.n), 'unit unit', 'unit')
         || '|' || lower(left(regexp_replace(in_postal_code, '[^[:alnum:]]', '', 'g'), 5))
  from regexp_split_to_table(
         btrim(regexp_replace(
           replace(lower(in_address), '#', ' unit '), '[^[:alnum:]]+', ' ', 'g')),
         ' ') with ordinality w(word, n)
$$;
comment on function programme.address_key(text, text) is
  'An address as duplicates are compared; an index rests on it.';
grant execute on function programme.address_key(text, text) to bptm_http;
