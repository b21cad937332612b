-- Shares as they are written: as `real`, 0.8 is a little more, and four of five homes back were not enough.
alter table outage.derivation_rule
  alter column transformer_share type numeric using transformer_share::numeric,
  alter column restored_share type numeric using restored_share::numeric,
  alter column area_share type numeric using area_share::numeric;
