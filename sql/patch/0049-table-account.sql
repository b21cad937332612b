-- The utility account at a premise and its customer of record.
create table programme.account (
  account_id bigint generated always as identity primary key,
  number text not null unique check (length(number) between 1 and 40),
  premise_id bigint not null references programme.premise,
  customer_id bigint not null references person.customer,
  kind text not null check (kind in ('residential', 'business')),
  active boolean not null default true
);
create index account_premise on programme.account (premise_id);
create index account_customer on programme.account (customer_id);
