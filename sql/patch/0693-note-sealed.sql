-- Notes name people: they are sealed under the key of the application's customer, and wait for that as customers do.
update programme.application a
set customer_id = c.customer_id
from programme.account c where c.account_id = a.account_id and a.customer_id is null;

create table person.unsealed_note (
  application_note_id bigint primary key references person.application_note,
  text text not null
);
comment on table person.unsealed_note is 'Notes in plain, from before the upgrade, until bptmctl person-key seal has sealed them.';
insert into person.unsealed_note (application_note_id, text) select application_note_id, text from person.application_note;

alter table person.application_note
  drop column text,
  add column text_box bytea check (length(text_box) > 40);
cluster person.application_note using application_note_pkey;
alter table person.application_note set without cluster;
