-- What each rule of the connection says about one generator: a row of a list, or a row made up of what
-- somebody read on a label. For each rule the first condition that holds decides; a null is unknown,
-- never no. in_site says what is asked about beyond the generator, all optional:
--   altitude_m, fuel (of its fuels; else the one it runs most on), cord_conductors, cord_awg,
--   on (date of the question; else today)
--   RCPT an L14-30R outlet          VOLT 120/240 V on four wires     AMPS 30 A at 240 V
--   OCP  a breaker of its own       NEUT neutral and GFCI (UL 1008M assumes a floating neutral)
--   CO   carbon monoxide shutoff    CARB sold in California (engines up to 19 kW)
--   ALT  power at the altitude      CORD four conductors, AWG 10     BAL  unbalanced legs
--   LIST on the list that day, neither withdrawn nor recalled
-- Inlined: the plan of a query over a whole list is made once, not once for each model.
create or replace function programme.generator_rule(in_model programme.generator_model, in_site jsonb)
returns table ("position" smallint, code text, result text, sentence text)
language sql stable parallel safe
as $$
  with fact as (
    select in_model.source_type in ('engine', 'inverter') as burns,
           coalesce(in_model.l14_30r, 'L14-30R' = any (in_model.receptacles)) as outlet,
           w.most_w, a.feet, coalesce((in_site ->> 'on')::date, current_date) as on_day,
           floor(w.most_w * greatest(0, 1 - 0.035 * a.feet / 1000))::integer as high_w,
           (in_site ->> 'cord_conductors')::integer as conductors,
           (in_site ->> 'cord_awg')::integer as awg
    from programme.generator_most_w(in_model, in_site ->> 'fuel') w(most_w)
    cross join (select round((in_site ->> 'altitude_m')::numeric / 0.3048)) a(feet)
    offset 0   -- once, not in each row below
  )
  select distinct on (v.position) v.position::smallint, v.code, v.result, v.sentence
  from fact f
  cross join lateral (values
    (1, 'RCPT', 1, f.outlet, 'pass', 'It has an L14-30R outlet.'),
    (1, 'RCPT', 2, not f.outlet, 'fail', 'It has no L14-30R outlet.'),
    (1, 'RCPT', 3, true, 'unknown', 'Whether it has an L14-30R outlet is not known.'),
    (2, 'VOLT', 1, in_model.volts <> '120/240', 'fail',
      format('It gives %s V only; 120/240 V on four wires is needed.', in_model.volts)),
    (2, 'VOLT', 2, in_model.volts = '120/240', 'pass', 'It gives 120/240 V.'),
    (2, 'VOLT', 3, f.outlet, 'pass', 'An L14-30R outlet carries 120/240 V on four wires.'),
    (2, 'VOLT', 4, true, 'unknown', 'Whether it gives 120/240 V on four wires is not known.'),
    (3, 'AMPS', 1, in_model.rated_a_240v >= 30, 'pass',
      format('It is rated at %s A at 240 V.', trim_scale(in_model.rated_a_240v))),
    (3, 'AMPS', 2, in_model.rated_a_240v < 30, 'fail',
      format('It is rated at %s A at 240 V, below 30 A.', trim_scale(in_model.rated_a_240v))),
    (3, 'AMPS', 3, f.most_w >= 7200, 'pass',
      format('It runs %s W; 30 A at 240 V is 7200 W.', f.most_w)),
    (3, 'AMPS', 4, f.outlet and f.most_w is not null, 'conditional',
      format('Its outlet is made for 30 A; it runs %s W, so some load must be shed.', f.most_w)),
    (3, 'AMPS', 5, true, 'unknown', 'Its rating at 240 V is not known.'),
    (4, 'OCP', 1, in_model.breaker_a = 0, 'fail', 'Its 240 V outlet has no breaker of its own.'),
    (4, 'OCP', 2, in_model.breaker_a > 30, 'fail',
      format('The breaker of its 240 V outlet is %s A, above 30 A.', trim_scale(in_model.breaker_a))),
    (4, 'OCP', 3, in_model.breaker_a <= 30, 'pass',
      format('Its 240 V outlet has a breaker of its own, %s A.', trim_scale(in_model.breaker_a))),
    (4, 'OCP', 4, in_model.rated_a_240v <= 30, 'pass',
      'Its 240 V outlet is rated at no more than 30 A, which its own breaker holds.'),
    (4, 'OCP', 5, in_model.rated_a_240v > 30, 'conditional',
      format('It can give %s A: its L14-30R outlet needs a 30 A breaker of its own.',
             trim_scale(in_model.rated_a_240v))),
    (4, 'OCP', 6, true, 'unknown', 'Whether its 240 V outlet has a breaker of its own is not known.'),
    (5, 'NEUT', 1, in_model.neutral = 'floating', 'pass', 'Its neutral floats.'),
    (5, 'NEUT', 2, in_model.neutral = 'switchable', 'conditional',
      'Its neutral can be switched: it must be set to floating.'),
    (5, 'NEUT', 3, in_model.neutral = 'bonded' and in_model.gfci_on_240v, 'fail',
      'Its neutral is bonded and its 240 V outlet has a GFCI, which trips behind a meter collar.'),
    (5, 'NEUT', 4, in_model.neutral = 'bonded' and not in_model.gfci_on_240v, 'conditional',
      'Its neutral is bonded without a GFCI, which is outside the scope of UL 1008M.'),
    (5, 'NEUT', 5, in_model.neutral = 'bonded', 'unknown',
      'Its neutral is bonded; it trips if its 240 V outlet has a GFCI, which is not known.'),
    (5, 'NEUT', 6, true, 'unknown', 'Whether its neutral floats is not known.'),
    (6, 'CO', 1, not f.burns, 'not_applicable', 'It burns no fuel.'),
    (6, 'CO', 2, in_model.co_shutoff, 'pass', 'It shuts off on carbon monoxide.'),
    (6, 'CO', 3, not in_model.co_shutoff, 'fail', 'It has no shutoff on carbon monoxide.'),
    (6, 'CO', 4, true, 'unknown', 'Whether it shuts off on carbon monoxide is not known.'),
    (7, 'CARB', 1, not f.burns, 'not_applicable', 'It burns no fuel.'),
    (7, 'CARB', 2, f.most_w > 19000, 'not_applicable', 'The rule ends at 19 kW.'),
    (7, 'CARB', 3, in_model.carb, 'pass', 'It is certified for sale in California.'),
    (7, 'CARB', 4, not in_model.carb, 'fail', 'It is not certified for sale in California.'),
    (7, 'CARB', 5, true, 'unknown', 'Whether it is certified for sale in California is not known.'),
    (8, 'ALT', 1, f.feet is null, 'not_applicable', 'No altitude was asked about.'),
    (8, 'ALT', 2, not f.burns, 'not_applicable', 'It burns no fuel, so altitude takes no power from it.'),
    (8, 'ALT', 3, f.high_w >= 7200, 'pass',
      format('At %s ft it runs %s W of its %s W.', f.feet, f.high_w, f.most_w)),
    (8, 'ALT', 4, f.high_w < 7200, 'conditional',
      format('At %s ft it runs %s W of its %s W, so some load must be shed.', f.feet, f.high_w, f.most_w)),
    (8, 'ALT', 5, true, 'unknown', format('What it runs at %s ft is not known.', f.feet)),
    (9, 'CORD', 1, f.conductors < 4, 'fail',
      format('The cord has %s conductors; it needs 4.', f.conductors)),
    (9, 'CORD', 2, f.awg > 10, 'fail',
      format('The conductors of the cord are AWG %s; it needs AWG 10 or thicker.', f.awg)),
    (9, 'CORD', 3, f.conductors >= 4 and f.awg <= 10, 'pass',
      format('The cord has %s conductors of AWG %s.', f.conductors, f.awg)),
    (9, 'CORD', 4, true, 'unknown',
      'The cord needs 4 conductors of AWG 10 or thicker; which one is used is not known.'),
    (10, 'BAL', 1, in_model.source_type <> 'battery', 'not_applicable', 'It is one source on both legs.'),
    (10, 'BAL', 2, in_model.trips_unbalanced, 'conditional',
      'Two units share the legs: it can shut down when they are loaded unequally.'),
    (10, 'BAL', 3, not in_model.trips_unbalanced, 'pass', 'It bears unequal load on its legs.'),
    (10, 'BAL', 4, true, 'unknown', 'Whether it bears unequal load on its legs is not known.'),
    (11, 'LIST', 1, in_model.generator_list_id is null, 'not_applicable',
      'It was judged by its label, not by a list.'),
    (11, 'LIST', 2, in_model.status <> 'listed', 'fail',
      format('It was %s: %s', in_model.status, rtrim(in_model.reason, '.') || '.')),
    (11, 'LIST', 3, in_model.valid_from > f.on_day, 'fail',
      format('Its entry on the list counts from %s.', in_model.valid_from)),
    (11, 'LIST', 4, in_model.valid_to <= f.on_day, 'fail',
      format('Its entry on the list ended on %s.', in_model.valid_to)),
    (11, 'LIST', 5, true, 'pass', 'It is on the list.')
  ) v(position, code, step, holds, result, sentence)
  where v.holds
  order by v.position, v.step
$$;
comment on function programme.generator_rule(programme.generator_model, jsonb) is
  'What each rule of the connection says about one generator, from a list or from its label.';
grant execute on function programme.generator_rule(programme.generator_model, jsonb) to bptm_http, bptm_job, bptm_import;
