-- What was decided by hand is part of what a bulk run rests on: kept, and in the hash.
alter table programme.screening_decision add column overrides jsonb;
comment on column programme.screening_decision.overrides is
  'Rules of the premise''s live application that were decided by hand; null: none.';
