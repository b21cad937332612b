-- Who runs a part that may run once only; the token fences off a holder that lost it.
create table fleet.lease (
  name text primary key,
  holder text not null,
  token bigint not null,
  until timestamptz not null
);
