-- A preview of a whole service territory takes longer than a request may: it is asked for, and made by
-- the part job.
alter table programme.preview
  add column state text not null default 'done' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  add column note text,                                              -- why it failed
  add column started_at timestamptz,
  add column ended_at timestamptz,
  alter column counts drop not null,
  alter column counts drop default;
alter table programme.preview alter column state set default 'waiting';
update programme.preview v set started_at = v.created_at, ended_at = v.created_at;
alter table programme.preview add check ((state = 'done') = (counts is not null));
create index preview_work on programme.preview (preview_id) where state in ('waiting', 'running');
comment on column programme.preview.counts is 'What would follow; null until it is done.';
