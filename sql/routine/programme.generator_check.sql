-- What each rule of the connection says about generator models. For each rule the first condition
-- that holds decides; an empty cell of the list is unknown, never no.
--   RCPT an L14-30R outlet          VOLT 120/240 V on four wires     AMPS 30 A at 240 V
--   OCP  a breaker of its own       NEUT neutral and GFCI (UL 1008M assumes a floating neutral)
--   CO   carbon monoxide shutoff    CARB sold in California (engines up to 19 kW)
create or replace function programme.generator_check(in_generator_model_ids bigint[])
returns table (generator_model_id bigint, "position" smallint, code text, result text, sentence text)
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  with model as (
    select m.*, w.most_w, w.least_w, m.source_type in ('engine', 'inverter') as burns
    from programme.generator_model m
    cross join lateral (select max(u.w) as most_w, min(u.w) as least_w from unnest(m.running_w) u(w)) w
    where m.generator_model_id = any (in_generator_model_ids)
  )
  select m.generator_model_id, r.position::smallint, r.code, r.result, r.sentence
  from model m
  cross join lateral (
    select distinct on (v.position) v.position, v.code, v.result, v.sentence
    from (values
      (1, 'RCPT', 1, m.l14_30r, 'pass', 'It has an L14-30R outlet.'),
      (1, 'RCPT', 2, not m.l14_30r, 'fail', 'It has no L14-30R outlet.'),
      (1, 'RCPT', 3, true, 'unknown', 'Whether it has an L14-30R outlet is not known.'),
      (2, 'VOLT', 1, m.l14_30r, 'pass', 'An L14-30R outlet carries 120/240 V on four wires.'),
      (2, 'VOLT', 2, true, 'unknown', 'Whether it gives 120/240 V on four wires is not known.'),
      (3, 'AMPS', 1, m.rated_a_240v >= 30, 'pass',
        format('It is rated at %s A at 240 V.', trim_scale(m.rated_a_240v))),
      (3, 'AMPS', 2, m.rated_a_240v < 30, 'fail',
        format('It is rated at %s A at 240 V, below 30 A.', trim_scale(m.rated_a_240v))),
      (3, 'AMPS', 3, m.most_w >= 7200, 'pass',
        format('It runs %s W; 30 A at 240 V is 7200 W.', m.most_w)),
      (3, 'AMPS', 4, m.l14_30r and m.most_w is not null, 'conditional',
        format('Its outlet is made for 30 A; it runs %s W, so some load must be shed.', m.most_w)),
      (3, 'AMPS', 5, true, 'unknown', 'Its rating at 240 V is not known.'),
      (4, 'OCP', 1, m.rated_a_240v <= 30, 'pass',
        'Its 240 V outlet is rated at no more than 30 A, which its own breaker holds.'),
      (4, 'OCP', 2, m.rated_a_240v > 30, 'conditional',
        format('It can give %s A: its L14-30R outlet needs a 30 A breaker of its own.',
               trim_scale(m.rated_a_240v))),
      (4, 'OCP', 3, true, 'unknown', 'Whether its 240 V outlet has a breaker of its own is not known.'),
      (5, 'NEUT', 1, m.neutral = 'floating', 'pass', 'Its neutral floats.'),
      (5, 'NEUT', 2, m.neutral = 'switchable', 'conditional',
        'Its neutral can be switched: it must be set to floating.'),
      (5, 'NEUT', 3, m.neutral = 'bonded' and m.gfci_on_240v, 'fail',
        'Its neutral is bonded and its 240 V outlet has a GFCI, which trips behind a meter collar.'),
      (5, 'NEUT', 4, m.neutral = 'bonded' and not m.gfci_on_240v, 'conditional',
        'Its neutral is bonded without a GFCI, which is outside the scope of UL 1008M.'),
      (5, 'NEUT', 5, m.neutral = 'bonded', 'unknown',
        'Its neutral is bonded; it trips if its 240 V outlet has a GFCI, which is not known.'),
      (5, 'NEUT', 6, true, 'unknown', 'Whether its neutral floats is not known.'),
      (6, 'CO', 1, not m.burns, 'not_applicable', 'It burns no fuel.'),
      (6, 'CO', 2, m.co_shutoff, 'pass', 'It shuts off on carbon monoxide.'),
      (6, 'CO', 3, not m.co_shutoff, 'fail', 'It has no shutoff on carbon monoxide.'),
      (6, 'CO', 4, true, 'unknown', 'Whether it shuts off on carbon monoxide is not known.'),
      (7, 'CARB', 1, not m.burns, 'not_applicable', 'It burns no fuel.'),
      (7, 'CARB', 2, m.most_w > 19000, 'not_applicable', 'The rule ends at 19 kW.'),
      (7, 'CARB', 3, m.carb, 'pass', 'It is certified for sale in California.'),
      (7, 'CARB', 4, not m.carb, 'fail', 'It is not certified for sale in California.'),
      (7, 'CARB', 5, true, 'unknown', 'Whether it is certified for sale in California is not known.')
    ) v(position, code, step, holds, result, sentence)
    where v.holds
    order by v.position, v.step
  ) r
$$;
comment on function programme.generator_check(bigint[]) is
  'What each rule of the connection says about each generator model.';
grant execute on function programme.generator_check(bigint[]) to bptm_http;
