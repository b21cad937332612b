-- A version of a layer is a draft until it is published; the one that is active is a published one.
-- Versions from before this patch were in force at once: they stay published.
alter table programme.zone_layer
  add column state text not null default 'published' check (state in ('draft', 'published')),
  add column tolerance_m numeric(6,1) not null default 30 check (tolerance_m between 0 and 1000),
  add column reach_m numeric(6,1) not null default 250,
  add column area_km2 double precision,
  add constraint zone_layer_active_published check (not active or state = 'published'),
  add constraint zone_layer_reach check (reach_m between tolerance_m and 5000);
alter table programme.zone_layer alter column state set default 'draft';
comment on column programme.zone_layer.tolerance_m is
  'How far geocoded points may be off: a premise this near to a boundary is marked for review.';
comment on column programme.zone_layer.reach_m is
  'How far boundaries are looked for; beyond it only that they are farther is known.';
