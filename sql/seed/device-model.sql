-- Two neutral models of meter collar; a maker's own come with its devices.
insert into fleet.device_model (model, maker, return_policy, led_colours) values
  ('BPTM-REF-30', 'reference', 'automatic',
   '{"utility": "green", "generator": "amber", "load": "yellow", "fault": "red"}'),
  ('BPTM-REF-30S', 'reference', 'generator_stop',
   '{"utility": "green", "generator": "amber", "load": "yellow", "fault": "red"}')
on conflict (model) do nothing;
