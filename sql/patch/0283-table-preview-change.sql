-- A premise whose outcome would be another one.
create table programme.preview_change (
  preview_id bigint not null references programme.preview,
  premise_id bigint not null references programme.premise,
  before text not null check (before in ('eligible', 'ineligible', 'in_review')),
  after text not null check (after in ('eligible', 'ineligible', 'in_review')),
  direction text not null generated always as (
    case when after = 'eligible' then 'in' when before = 'eligible' then 'out' else 'other' end) stored,
  application_id bigint references programme.application,            -- the live one
  has_hardware boolean not null,
  is_kept boolean not null,                                          -- by the programme's grandfathering
  primary key (preview_id, premise_id),
  check (before <> after)
);
