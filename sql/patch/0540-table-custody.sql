-- Who holds a device since when: a ledger that only grows. The last entry of a device says where it
-- is; one without an entry is registered, and has not come from its maker yet.
create table programme.custody (
  device_id bigint not null,
  nth integer not null check (nth > 0),     -- 1, 2, 3 of the device; two at a time cannot both be next
  action text not null check (length(action) between 1 and 40),
  state text not null
    check (state in ('warehouse', 'crew', 'premise', 'returned', 'lost', 'stolen', 'scrapped')),
  holder text check (length(holder) between 1 and 80),  -- name of the warehouse, or of the crew
  premise_id bigint references programme.premise,
  application_id bigint references programme.application,
  since timestamptz not null,               -- as who wrote it says; the order is nth
  recorded_at timestamptz not null default now(),
  reason text check (length(reason) between 1 and 500),
  token_id uuid,
  role text not null,
  primary key (device_id, nth),
  constraint custody_held check (state not in ('warehouse', 'crew') or holder is not null),
  constraint custody_home check ((state = 'premise') = (premise_id is not null))
);
create index custody_holder on programme.custody (holder, device_id) where holder is not null;

-- what is known of the time before the ledger: where devices were put in, and taken out again
insert into programme.custody (device_id, nth, action, state, premise_id, application_id, since, reason, role)
select m.device_id, row_number() over (partition by m.device_id order by m.at, m.state = 'premise'), m.action,
       m.state, m.premise_id, m.application_id, m.at, 'from the assignments, when the ledger began', 'bptmctl'
from (
  select a.device_id, a.assigned_from as at, 'install' as action, 'premise' as state, a.premise_id, a.application_id
  from fleet.assignment a
  where not exists (select from fleet.assignment p where p.device_id = a.device_id
                      and p.premise_id = a.premise_id and p.assigned_to = a.assigned_from)
  union all
  select a.device_id, a.assigned_to, 'remove', case when r.condition = 'lost' then 'lost' else 'returned' end,
         null, a.application_id
  from fleet.assignment a
  left join programme.removal r on r.device_id = a.device_id and r.removed_at = a.assigned_to
  where a.assigned_to <= now()
    and not exists (select from fleet.assignment n where n.device_id = a.device_id
                      and n.premise_id = a.premise_id and n.assigned_from = a.assigned_to)
) m;
