-- Who may call, and what was done.
create schema access;
