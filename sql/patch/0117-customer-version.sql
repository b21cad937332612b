-- How often a customer was changed.
alter table person.customer add column version integer not null default 1;
