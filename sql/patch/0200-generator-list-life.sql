-- A list is imported as a draft by one person and published by another; the one that is active is a
-- published one. Lists from before this patch were in force at once: they stay published.
alter table programme.generator_list
  add column state text not null default 'published' check (state in ('draft', 'published', 'discarded')),
  add column imported_by text not null default 'operator' check (length(imported_by) between 1 and 120),
  add column published_by text check (length(published_by) between 1 and 120),
  add column published_at timestamptz,
  add constraint generator_list_two_persons check (published_by is distinct from imported_by),
  add constraint generator_list_active_published check (not active or state = 'published');
update programme.generator_list set published_at = imported_at;
alter table programme.generator_list alter column state set default 'draft';
comment on column programme.generator_list.imported_by is
  '"token:<id>" of the person who imported it, or "local:<login name>" of an operator at the machine.';
