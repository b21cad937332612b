-- What duplicates and the search of staff look up.
create index premise_address_key on programme.premise (programme.address_key(address, postal_code));
create index premise_search on programme.premise using gin
  (lower(code || ' ' || address || ' ' || city || ' ' || postal_code || ' ' || coalesce(meter_number, '')) gin_trgm_ops);
create index customer_search on person.customer using gin (lower(name) gin_trgm_ops);
create index account_search on programme.account using gin (lower(number) gin_trgm_ops);
create index premise_meter_key on programme.premise (upper(regexp_replace(meter_number, '[^[:alnum:]]', '', 'g')));
create index application_assignee on programme.application (assignee, application_id) where assignee is not null;
create index application_since on programme.application (programme_id, state, state_since);
