-- Days whose rollup is older than what it is made from.
create table outage.index_due (
  source text not null references outage.source,
  day date not null,
  primary key (source, day)
);
