-- By which places of its homes the outages of a device were placed: while these are the same, outages
-- that are settled are not placed again. Null: not placed since this is kept.
alter table outage.derivation add column places uuid;
