-- What staff work through, oldest first, and what the audit says of one object.
create index application_queue on programme.application (state_since, application_id)
  where state not in ('ineligible', 'installed', 'closed', 'withdrawn', 'removed', 'rejected_on_site');
create index audit_of on access.audit (object_id, audit_id);
