-- The sample programmes with every published version of their eligibility rules. A version that is
-- published never changes: seeding again adds what is missing and refuses a version that differs.
insert into programme.programme (code, name, kind) values
  ('bptm', 'Backup power transfer meter', 'free'),
  ('bptm-paid', 'Backup power transfer meter, paid by the customer', 'paid')
on conflict (code) do nothing;

create temporary table seed_ruleset (
  code text, version integer, title text, valid_from date, valid_to date, rules jsonb
) on commit drop;

insert into seed_ruleset values
('bptm', 2021, 'Pilot for customers with a generator rebate', '2021-01-01', '2022-01-01', '[
  {"code": "AREA", "kind": "area", "any": [{"layer": "hftd"}]},
  {"code": "REBATE", "kind": "prior_rebate"},
  {"code": "GENERATOR", "kind": "generator", "basis": "rebated"}
]'),
('bptm', 2022, 'High fire-threat districts and fast-trip circuits', '2022-01-01', '2023-01-01', '[
  {"code": "AREA", "kind": "area",
   "any": [{"layer": "hftd", "tiers": [2, 3]}, {"designation": "epss"}]},
  {"code": "ACCOUNT", "kind": "account"},
  {"code": "BUSINESS", "kind": "business_meter", "allowed": ["2S"]},
  {"code": "PANEL", "kind": "service_amps", "min": 200, "max": 200},
  {"code": "TENURE", "kind": "tenure"},
  {"code": "MEDICAL", "kind": "medical"},
  {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}
]'),
('bptm', 2023, 'Panels up to 200 A on a 2S socket', '2023-01-01', '2025-01-01', '[
  {"code": "AREA", "kind": "area",
   "any": [{"layer": "hftd", "tiers": [2, 3]}, {"designation": "epss"}]},
  {"code": "ACCOUNT", "kind": "account"},
  {"code": "METER", "kind": "meter_form", "allowed": ["2S"]},
  {"code": "PANEL", "kind": "service_amps", "max": 200},
  {"code": "TENURE", "kind": "tenure"},
  {"code": "ACCESS", "kind": "access"},
  {"code": "SURVEY", "kind": "survey"},
  {"code": "MEDICAL", "kind": "medical"},
  {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}
]'),
('bptm', 2025, 'Residential accounts, with the high fire risk area', '2025-01-01', null, '[
  {"code": "AREA", "kind": "area",
   "any": [{"layer": "hftd", "tiers": [2, 3]}, {"layer": "hfra"}, {"designation": "epss"}]},
  {"code": "ACCOUNT", "kind": "account", "active": true, "residential": true},
  {"code": "VOLTAGE", "kind": "service_voltage", "allowed": ["120/240"]},
  {"code": "PANEL", "kind": "service_amps", "max": 200},
  {"code": "TENURE", "kind": "tenure"},
  {"code": "ACCESS", "kind": "access"},
  {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}
]'),
('bptm-paid', 1, 'Any area, paid by the customer', '2021-01-01', null, '[
  {"code": "ACCOUNT", "kind": "account", "active": true},
  {"code": "VOLTAGE", "kind": "service_voltage", "allowed": ["120/240"]},
  {"code": "METER", "kind": "meter_form", "allowed": ["2S"]},
  {"code": "PANEL", "kind": "service_amps", "max": 200},
  {"code": "TENURE", "kind": "tenure"},
  {"code": "ACCESS", "kind": "access"},
  {"code": "GENERATOR", "kind": "generator", "basis": "compatible"}
]');

insert into programme.ruleset (programme_id, version, title, valid_from, valid_to, rules)
select p.programme_id, s.version, s.title, s.valid_from, s.valid_to, s.rules
from seed_ruleset s join programme.programme p using (code)
order by p.programme_id, s.version
on conflict (programme_id, version) do nothing;

do $$
declare
  l_name text;
begin
  select s.code || ' ' || s.version into l_name
  from seed_ruleset s
  join programme.programme p using (code)
  join programme.ruleset r using (programme_id, version)
  where (r.valid_from, r.valid_to, r.rules) is distinct from (s.valid_from, s.valid_to, s.rules)
  limit 1;
  if found then
    raise exception 'published ruleset % differs from the seed', l_name;
  end if;
end
$$;
