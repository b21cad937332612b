-- What is derived from the journal.
create schema outage;
