-- What a session is called at the identity provider, which may say that it has ended (back-channel logout).
alter table access.session add column sid text check (length(sid) between 1 and 255);
create index session_sid on access.session (sid) where ended_at is null;
