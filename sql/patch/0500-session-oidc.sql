-- Sessions and tokens of the identity provider: "sub@iss" is longer than a label, and an installer's
-- crew is named by a claim.
alter table access.session drop constraint session_subject_check,
  add constraint session_subject_check check (length(subject) between 1 and 511),
  add column crew text check (length(crew) between 1 and 80);
