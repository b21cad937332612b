-- What analysts are told of places and small groups, one row: fewer than `least` homes are not placed
-- below their circuit, and coordinates are rounded.
create table outage.disclosure (
  one boolean primary key default true check (one),
  least integer not null default 5 check (least between 1 and 100),
  decimals integer not null default 2 check (decimals between 0 and 4)  -- of a degree
);
insert into outage.disclosure default values;
