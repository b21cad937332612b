-- What the derivation of events goes by, one row. Values are the practice of outage management.
create table outage.derivation_rule (
  one boolean primary key default true check (one),
  debounce interval not null default '60 seconds',      -- a shorter chain makes no event
  rejoin interval not null default '5 minutes',         -- dark again within this: the same chain
  window_ interval not null default '3 minutes',        -- starts that follow each other within this belong together
  transformer_share real not null default 0.2,          -- of a transformer's devices: it is the transformer
  restored_share real not null default 0.8,             -- of an event's homes back: the element is restored
  nested_after interval not null default '15 minutes',  -- still dark this long after that: a nested outage
  silent_after interval not null default '15 minutes',  -- a device not heard from for this long is silent
  area_share real not null default 0.5,                 -- of a circuit's devices silent: it is the area, not the unit
  check (debounce >= '0' and rejoin > '0' and window_ > '0' and nested_after > '0'
         and transformer_share between 0 and 1 and restored_share between 0.5 and 1)
);
insert into outage.derivation_rule default values;
