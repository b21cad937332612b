-- Events to be matched: noted when one is made, revised or withdrawn (outage.match_note), and again by what is
-- imported. Rows are added only, so that whoever notes waits for nobody who matches.
create table outage.match_due (
  match_due_id bigint generated always as identity primary key,
  event_id bigint not null
);
insert into outage.match_due (event_id)
select e.event_id from outage.event e
left join outage.event_match m on m.event_id = e.event_id
where e.kind = 'outage' and m.version is distinct from e.version
order by e.started_at;
insert into outage.match_due (event_id)
select distinct l.event_id from outage.event_link l
where l.status = 'proposed' and not exists (select from outage.event e where e.event_id = l.event_id);
drop table outage.event_match;
