-- What premises whose application names a generator lived through with it, by the firmware that the
-- device has now. Filled by programme.generator_field_refresh.
create table programme.generator_field (
  key text not null,                        -- make and model as generator_name.key
  firmware text not null,                   -- '' when the device has not said
  devices integer not null,
  outages integer not null,
  transfers integer not null,               -- outages in which the home was carried by its generator
  failed integer not null,                  -- transfer_failed records
  aborted integer not null,                 -- outages with failures and never a transfer
  primary key (key, firmware)
);
create index application_generator on programme.application
  (regexp_replace(lower(generator_make || generator_model), '[^[:alnum:]]+', '', 'g'));
