-- From which record on the outages of a device are derived: a loss before which all is there, told by a
-- synchronised clock and over (outage.derived). What came before is told by the outages it gave.
alter table outage.derivation
  add column from_seq bigint not null default 1,
  add column from_boot bigint,
  add column from_anchor timestamptz;  -- of that boot, by its records so far
