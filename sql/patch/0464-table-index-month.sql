-- The sums of index_day by month, so that years are read in an instant.
create table outage.index_month (
  source text not null references outage.source,
  month date not null check (extract(day from month) = 1),
  area text not null,
  circuit_id text not null,
  cause text not null,
  interruptions bigint not null,
  customer_interruptions bigint not null,
  customer_minutes double precision not null,
  momentary_events bigint not null,
  unended bigint not null,
  primary key (source, month, circuit_id, area, cause)
);
insert into outage.index_month
select d.source, date_trunc('month', d.day::timestamp)::date, d.area, d.circuit_id, d.cause, sum(d.interruptions),
       sum(d.customer_interruptions), sum(d.customer_minutes), sum(d.momentary_events), sum(d.unended)
from outage.index_day d group by 1, 2, 3, 4, 5;
