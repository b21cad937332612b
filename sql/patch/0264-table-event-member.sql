-- The interruptions that an event is made of: each in at most one event of a kind.
create table outage.event_member (
  event_id bigint not null references outage.event on delete cascade,
  outage_id bigint not null,
  primary key (event_id, outage_id)
);
create index event_member_outage on outage.event_member (outage_id);
