-- N_T where it is counted: how many premises have a device, by area and circuit, from one day until it is
-- another number. Made again as a whole at any time (outage.count_served); instead of a row for each day.
create table outage.served_span (
  source text not null references outage.source,
  area text not null,
  circuit_id text not null,
  from_day date not null,
  to_day date not null check (to_day > from_day),  -- the first day of another number; infinity: none yet
  customers integer not null check (customers > 0),
  primary key (source, circuit_id, area, from_day)
);
-- every day that was has a number until it is counted anew
insert into outage.served_span (source, area, circuit_id, from_day, to_day, customers)
select d.source, d.area, d.circuit_id, d.day, d.day + 1, d.customers from outage.served_day d;
drop table outage.served_day cascade;
