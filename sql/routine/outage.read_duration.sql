-- A duration as roll-ups write it: 51.4 and 2,880 hours, 36:15 and 36:15:30, 2 days 3 hrs 10 min, 1d 4h,
-- 1 day, 2:03:04, 90 minutes. Null when it is none of these, or longer than ten years.
create or replace function outage.read_duration(in_text text)
returns interval
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select case when d.seconds < 315360000 then d.seconds * interval '1 second' end
  from (select lower(regexp_replace(btrim(in_text), '(\d),(?=\d{3})', '\1', 'g')) as text) t
  cross join lateral (
    select case
      when t.text ~ '^\d{1,9}(\.\d{1,9})?$' then t.text::numeric * 3600
      when t.text ~ '^((\d{1,6}(\.\d{1,6})? ?(d|h|m|s)[a-z]*[., ]*)|(and ))*(\d{1,6}:\d{2}(:\d{2})?)?$' and t.text ~ '\d' then
        coalesce((select sum(m[1]::numeric * case m[2] when 'd' then 86400 when 'h' then 3600 when 'm' then 60 else 1 end)
                  from regexp_matches(t.text, '(\d+(?:\.\d+)?) ?([dhms])[a-z]*', 'g') m), 0)
        + coalesce((select m[1]::numeric * 3600 + m[2]::numeric * 60 + coalesce(m[3], '0')::numeric
                    from regexp_matches(t.text, '(\d+):(\d{2})(?::(\d{2}))?$') m), 0)
    end as seconds
  ) d
$$;
comment on function outage.read_duration(text) is 'A duration as roll-ups write it; null when it is none.';
grant execute on function outage.read_duration(text) to bptm_import;
