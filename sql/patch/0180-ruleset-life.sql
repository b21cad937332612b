-- A ruleset is a draft until it is published; drafts may overlap in time with what is in force.
alter table programme.ruleset
  add column state text not null default 'published' check (state in ('draft', 'published')),
  drop constraint ruleset_programme_id_daterange_excl,
  add constraint ruleset_in_force
    exclude using gist (programme_id with =, daterange(valid_from, valid_to) with &&) where (state = 'published');
alter table programme.programme
  add column grandfathering text not null default 'kept' check (grandfathering in ('kept', 're-decided'));
comment on column programme.programme.grandfathering is
  'What a publication does to applications that were decided: kept, or re-decided by what is in force.';
