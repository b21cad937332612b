-- Former customers of record.
create table programme.account_past (
  account_id bigint not null references programme.account,
  customer_id bigint not null references person.customer,
  moved_in date not null,
  moved_out date not null check (moved_out >= moved_in),
  primary key (account_id, moved_in),
  exclude using gist (account_id with =, daterange(moved_in, moved_out) with &&)
);
