-- What is personal of a customer is sealed under the customer's key, and found by digests. The key is not here: what was stored in
-- plain waits in person.unsealed for bptmctl person-key seal. The table is written anew, so that no page keeps what was dropped.
create table person.unsealed (
  customer_id bigint primary key references person.customer,
  name text not null,
  email text,
  phone text
);
comment on table person.unsealed is 'Customers in plain, from before the upgrade, until bptmctl person-key seal has sealed them.';
insert into person.unsealed (customer_id, name, email, phone) select customer_id, name, email, phone from person.customer;

drop index person.customer_search;
alter table person.customer
  drop column name,
  drop column email,
  drop column phone,
  add column name_box bytea check (length(name_box) > 40),
  add column email_box bytea check (length(email_box) > 40),
  add column phone_box bytea check (length(phone_box) > 40),
  add column blind bigint[],            -- digests of the words of the name, of address and number
  add column erased_at timestamptz,
  add constraint customer_erased check (
    erased_at is null or (name_box is null and email_box is null and phone_box is null and blind is null));
create index customer_blind on person.customer using gin (blind);
cluster person.customer using customer_pkey;
alter table person.customer set without cluster;
