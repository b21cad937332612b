-- When a batch was received is told by the clock that judged its key: the database's, not the
-- server's, which may be wrong by years.
alter table fleet.journal_batch alter column received_at set default now();
