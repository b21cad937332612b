-- A rollup of a thousand days is written at once: found by its days, and made of rows that are checked.
alter table outage.index_day drop constraint index_day_pkey, drop constraint index_day_source_fkey;
create index index_day_day on outage.index_day (source, day);
