-- What else is known of a model, what each fact rests on, and how long its entry counts. As before, a
-- null is unknown, never no.
alter table programme.generator_model
  add column aliases text[] not null default '{}',
  add column receptacles text[],            -- all of them, as NEMA writes them: {L14-30R,5-20R}
  add column volts text check (volts in ('120', '240', '120/240')),
  add column breaker_a numeric(5,1) check (breaker_a >= 0),  -- of the 240 V outlet alone; 0: it has none
  add column trips_unbalanced boolean,      -- two sources on one hub: unbalanced legs shut it down
  add column field_evidence jsonb not null default '{}' check (jsonb_typeof(field_evidence) = 'object'),
  add column valid_from date,
  add column valid_to date check (valid_to > valid_from),
  add column status text not null default 'listed' check (status in ('listed', 'withdrawn', 'recalled')),
  add column reason text check (length(reason) between 1 and 200),
  add constraint generator_model_reason check ((status = 'listed') = (reason is null));
comment on column programme.generator_model.field_evidence is
  'What says so, by column: {"neutral": "owner measured"}; `evidence` is for those not named.';
