-- Since when and until when the customer of record holds the account; former holders are kept in
-- programme.account_past.
alter table programme.account
  add column moved_in date not null default current_date,
  add column moved_out date,
  add column version integer not null default 1,
  add constraint account_period check (moved_out >= moved_in);
