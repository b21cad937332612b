-- A model of meter collar: what its return policy is and which colour each neutral light has.
create table fleet.device_model (
  model text primary key check (length(model) between 1 and 64),
  maker text not null check (length(maker) between 1 and 64),
  return_policy text not null check (return_policy in ('automatic', 'generator_stop')),
  led_colours jsonb not null
);
