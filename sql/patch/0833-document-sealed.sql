-- What a document is called may name a person: sealed under the key of the application's customer, as notes are, and waiting for
-- bptmctl person-key seal as they do.
-- locks: there are a few documents an application; the table is written anew, so that no page keeps what was dropped
create table person.unsealed_document (
  document_id bigint primary key references programme.document,
  title text not null
);
comment on table person.unsealed_document is 'Titles of documents in plain, from before the upgrade, until bptmctl person-key seal has sealed them.';
insert into person.unsealed_document (document_id, title) select document_id, title from programme.document;

alter table programme.document
  drop column title,
  add column title_box bytea check (length(title_box) > 40);
cluster programme.document using document_pkey;
alter table programme.document set without cluster;
