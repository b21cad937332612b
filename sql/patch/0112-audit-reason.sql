-- Why, where the one who acted said so.
alter table access.audit add column reason text;
