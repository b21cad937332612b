-- Imports of accounts are staged sealed from here on. What was staged before goes; an import that is not over begins again.
update programme.import set state = 'cancelled', note = 'what is about persons is staged sealed now: import the file again', changed_at = now()
where kind = 'accounts' and state not in ('committed', 'failed', 'cancelled');
delete from person.import_row r using programme.import i where i.import_id = r.import_id and i.kind = 'accounts';
delete from person.import_error e using programme.import i where i.import_id = e.import_id and i.kind = 'accounts';
delete from person.import_change c using programme.import i where i.import_id = c.import_id and i.kind = 'accounts';
