-- Does a device that gets into this state of the ledger lose its credentials at the broker? One that was taken out keeps them: its
-- journal may hold records that nobody has received yet, and a workshop tries it. Who may have one that is lost is not known.
create or replace function programme.custody_revokes(in_state text)
returns boolean
language sql immutable parallel safe
return in_state in ('lost', 'stolen', 'scrapped');
comment on function programme.custody_revokes(text) is 'Does this state of the ledger end the credentials of a device?';
grant execute on function programme.custody_revokes(text) to bptm_http;
