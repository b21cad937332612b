-- The ledger of custody: each move of the table as it is written here and no other, refusals, who
-- may what, and that no entry is ever changed.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(31);

select bag_eq('select from_state, action, to_state from programme.custody_transition', $$values
  ('maker', 'receive', 'warehouse'), ('maker', 'install', 'premise'), ('maker', 'lose', 'lost'), ('maker', 'report_stolen', 'stolen'),
  ('warehouse', 'move', 'warehouse'), ('warehouse', 'hand_out', 'crew'), ('warehouse', 'install', 'premise'),
  ('warehouse', 'scrap', 'scrapped'), ('warehouse', 'lose', 'lost'), ('warehouse', 'report_stolen', 'stolen'),
  ('crew', 'hand_over', 'crew'), ('crew', 'hand_back', 'warehouse'), ('crew', 'install', 'premise'), ('crew', 'lose', 'lost'),
  ('crew', 'report_stolen', 'stolen'), ('premise', 'remove', 'returned'), ('premise', 'remove_lost', 'lost'),
  ('returned', 'hand_back', 'warehouse'), ('returned', 'scrap', 'scrapped'), ('returned', 'lose', 'lost'), ('returned', 'report_stolen', 'stolen'),
  ('lost', 'report_stolen', 'stolen'), ('lost', 'find', 'warehouse'), ('stolen', 'find', 'warehouse')$$,
  'these moves there are, and no other');
select is_empty($$select from_state, action from programme.custody_transition group by 1, 2 having count(*) > 1$$,
  'an action leads from a state to one other');
select set_eq($$select to_state from programme.custody_transition$$,
  $$select m[1] from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'custody_state_check'),
      '''([a-z_]+)''', 'g') m$$, 'the states are those of the column');
select is_empty($$select * from programme.custody_transition where to_state in ('lost', 'stolen', 'scrapped', 'returned') and not needs_reason$$,
  'what is no longer at hand has a reason');
select set_eq($$select distinct to_state from programme.custody_transition where programme.custody_revokes(to_state)$$, '{lost,scrapped,stolen}'::text[],
  'credentials end where who has it is not known, and where nobody will have it');
select is_empty($$select * from programme.custody_transition where (gives_to is not null) <> (to_state in ('warehouse', 'crew'))$$,
  'who holds it is named where somebody does');
select is_empty($$select r.rolname, p.privilege from pg_roles r, (values ('update'), ('delete'), ('truncate')) p(privilege)
  where r.rolname like 'bptm\_%' and r.rolname <> (select tableowner from pg_tables where tablename = 'custody' and schemaname = 'programme')
    and has_table_privilege(r.oid, 'programme.custody', p.privilege)$$, 'nobody changes or takes back an entry');

insert into fleet.device_serial (serial) values ('CUSTODY-1'), ('CUSTODY-2');
insert into fleet.device (device_id, serial, model, hardware_revision, bucket, registered_at)
  select device_id, serial, (select min(model) from fleet.device_model), 'A', 0, now() from fleet.device_serial where serial like 'CUSTODY-_';
create function pg_temp.id(in_serial text) returns bigint language sql as 'select device_id from fleet.device where serial = $1';
create function pg_temp.move(in_action text, in_as text, in_to text default null, in_crew text default null, in_reason text default null,
  in_at timestamptz default null, in_serial text default 'CUSTODY-1') returns text language sql as $$
  select coalesce(string_agg(m.refused_by, ' ' order by m.refused_by), 'done')
  from programme.custody_move(pg_temp.id(in_serial), in_action, in_as, in_crew, in_to, null, null, in_at, in_reason, row(null, in_as, 'r-1')::access.actor) m
$$;
select is(pg_temp.move('hand_out', 'operator', 'Crew 1'), 'STATE', 'what was not received is not handed out');
select is(pg_temp.move('receive', 'analyst', 'Warehouse A'), 'ROLE', 'it takes the role');
select is(pg_temp.move('receive', 'enrolment'), 'TO', 'and the name of who gets it');
select is(pg_temp.move('receive', 'enrolment', 'Warehouse A', in_at => now() + interval '1 day'), 'TIME', 'and not tomorrow');
select is(pg_temp.move('receive', 'enrolment', 'Warehouse A'), 'done', 'a delivery is received');
select is(pg_temp.move('receive', 'enrolment', 'Warehouse A'), 'STATE', 'once');
select is(pg_temp.move('hand_out', 'installer', 'Crew 2', 'Crew 1'), 'OWN_CREW', 'a crew takes for itself only');
select is(pg_temp.move('lose', 'installer', null, 'Crew 1', 'mislaid'), 'HOLDER', 'and loses only what it has');
select is(pg_temp.move('hand_out', 'installer', 'Crew 1', 'Crew 1'), 'done', 'it takes one');
select is(pg_temp.move('hand_over', 'installer', 'Crew 3', 'Crew 2'), 'HOLDER', 'another crew gives away nothing of it');
select is(pg_temp.move('install', 'ASSIGNMENT', null, 'Crew 2'), 'FREE', 'nor puts it in');
select is(pg_temp.move('lose', 'installer', 'Crew 3', 'Crew 1'), 'REASON TO', 'all that refuses is said');
select is(pg_temp.move('hand_over', 'installer', 'Crew 1', 'Crew 1'), 'TO', 'nobody gives to himself');
select is(pg_temp.move('scrap', 'operator', in_reason => 'old'), 'STATE', 'what a crew has is not scrapped');
select is(pg_temp.move('report_stolen', 'installer', null, 'Crew 1', 'the van was opened'), 'done', 'it was stolen');
select results_eq($$select nth, action, state, holder, reason, role from programme.custody where device_id = pg_temp.id('CUSTODY-1') order by nth$$,
  $$values (1, 'receive', 'warehouse', 'Warehouse A', null, 'enrolment'), (2, 'hand_out', 'crew', 'Crew 1', null, 'installer'),
           (3, 'report_stolen', 'stolen', null, 'the van was opened', 'installer')$$, 'each move is an entry, a refused one is none');
select results_eq($$select action, before ->> 'holder', after ->> 'state', reason from access.audit where object_id = 'CUSTODY-1' order by audit_id$$,
  $$values ('custody.receive', null, 'warehouse', null), ('custody.hand_out', 'Warehouse A', 'crew', null),
           ('custody.report_stolen', 'Crew 1', 'stolen', 'the van was opened')$$, 'and a row of the audit');

-- what ends credentials is due until it is done, and not once the device is found
select set_eq($$select nth, state from programme.revocation_due where serial = 'CUSTODY-1'$$, $$values (3, 'stolen')$$, 'it is to be cut off');
select is(pg_temp.move('find', 'operator', 'Warehouse A', in_reason => 'in a ditch'), 'done', 'it is found');
select is((select count(*) from programme.revocation_due where serial = 'CUSTODY-1'), 0::bigint, 'and no longer cut off: it may have another certificate by now');
select is(pg_temp.move('scrap', 'operator', in_reason => 'rusty'), 'done', 'it is scrapped');
select is((select state from fleet.device where serial = 'CUSTODY-1'), 'retired', 'and retired by that');
insert into programme.revocation (device_id, nth) select device_id, nth from programme.revocation_due where serial = 'CUSTODY-1';
select is((select count(*) from programme.revocation_due where serial = 'CUSTODY-1'), 0::bigint, 'what is done is no longer due');

-- an assignment behind the back of the ledger is seen
insert into fleet.assignment (device_id, premise_id, assigned_from)
  values (pg_temp.id('CUSTODY-2'), 9001, now());
select is((select count(*) from programme.custody_disagreement where device_id = pg_temp.id('CUSTODY-2')), 1::bigint,
  'where ledger and assignments differ can be asked for');
select * from finish();
rollback;
