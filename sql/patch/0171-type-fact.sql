-- What the rules look at of one premise or application. The area masks have a bit for each area test
-- of its ruleset: whether it holds, whether the premise is too near to a boundary to be sure, and
-- whether there is anything to look at.
create type programme.fact as (
  is_screening boolean,               -- a premise without an application
  account_kind text,
  account_active boolean,
  account_at_premise boolean,
  medical_baseline boolean,
  medical_needs_not_compromised boolean,
  medical_needs_met_in_shutoff boolean,
  owner_or_permission boolean,
  access_agreed boolean,
  survey_agreed boolean,
  prior_rebate boolean,
  meter_form text,
  service_amps integer,
  service_voltage text,
  generator_listed boolean,
  generator_verdict text,
  area_hit bigint,
  area_near bigint,
  area_known bigint,
  longitude double precision,
  latitude double precision,
  zones jsonb,                        -- [{layer, version, zone, tier}]
  rims jsonb,                         -- [{layer, distance_m, tolerance_m}] within the reach
  circuit text,
  circuit_since date,
  designations jsonb,                 -- [{designation, since}]
  outages jsonb                       -- [{since, causes, count}]
);
