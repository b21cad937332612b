-- Who acted by the identity provider, as "sub@iss" and nothing else of that person. Rows that routines write
-- take it from the transaction.
alter table access.audit add column subject text;
alter table access.audit alter column subject set default nullif(current_setting('bptm.subject', true), '');
comment on column access.audit.subject is 'of the identity provider; null with token_id null: an operator at the machine';
