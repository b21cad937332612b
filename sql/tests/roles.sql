-- Least privilege: every table and view by every role, and a few refusals as they are met.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(46);

-- s select, i insert, u update, d delete, n next number of a sequence; a name in brackets: that column only. What is not here is
-- not allowed.
create temporary table wanted (role text, privileges text, relations text);
insert into wanted values
  ('bptm_mqtt', 's', 'fleet.device_serial fleet.device fleet.device_key fleet.receipt_epoch fleet.firmware_image'),
  ('bptm_mqtt', 'su[asked_at,first_chunk,state]', 'fleet.firmware_offer'),
  ('bptm_mqtt', 'su', 'fleet.journal_head fleet.command'),
  ('bptm_mqtt', 'si', 'fleet.journal_record fleet.journal_batch fleet.journal_fork'),
  ('bptm_mqtt', 'siu', 'fleet.journal_gap fleet.device_boot fleet.receipt fleet.device_status fleet.device_link fleet.counter fleet.lease fleet.part_health'),
  ('bptm_mqtt', 'sid', 'fleet.quarantine'),
  ('bptm_http', 's', 'fleet.device_model fleet.journal_record fleet.journal_gap fleet.journal_fork
    fleet.device_boot fleet.receipt fleet.device_status fleet.device_link fleet.quarantine fleet.counter fleet.part_health
    programme.zone programme.circuit
    outage.outage outage.event outage.event_member outage.event_version outage.blind outage.derivation_rule outage.disclosure analytics.outage_event
    outage.utility_event outage.carried outage.benefit_fact outage.benefit_home
    outage.source outage.feed_outage outage.index_day outage.index_month outage.served_span
    programme.state programme.transition programme.custody_transition programme.custody_now
    programme.revocation programme.revocation_due
    outage.place analytics.loss_ledger analytics.loss_total'),
  ('bptm_http', 'si', 'fleet.command fleet.device_serial fleet.journal_head
    programme.decision programme.decision_rule access.audit programme.transformer programme.account_past
    programme.application_event programme.attestation programme.field_visit programme.removal programme.commissioning
    programme.custody programme.application_merge person.application_note outage.drill'),
  ('bptm_http', 's', 'person.master_key person.index_key'),
  ('bptm_http', 's[customer_id]', 'person.unsealed'),
  ('bptm_http', 's[application_note_id]', 'person.unsealed_note'),
  ('bptm_http', 's[document_id]', 'person.unsealed_document'),
  ('bptm_http', 'sid', 'person.person_key'),
  ('bptm_import', 's', 'person.master_key person.index_key'),
  ('bptm_import', 'si', 'person.person_key'),
  ('bptm_http', 's', 'outage.alarm_rule'),
  ('bptm_http', 'su[acknowledged_at,acknowledged_by,cleared_at,cleared_by]', 'outage.alarm'),
  ('bptm_http', 'si', 'outage.alarm_event'),
  ('bptm_job', 's', 'fleet.journal_gap fleet.journal_fork outage.alarm_rule outage.alarm_fault'),
  ('bptm_job', 'siu', 'outage.alarm'),
  ('bptm_job', 'si', 'outage.alarm_event'),
  ('bptm_http', 'siud', 'outage.webhook'),
  ('bptm_http', 's[created_at,expires_at,secret_id,webhook_id]iu[expires_at]', 'outage.webhook_secret'),
  ('bptm_http', 'siu[due_at,ended_at,error,state,tries]', 'outage.webhook_message'),
  ('bptm_job', 's[device_id,serial]', 'fleet.device'),
  ('bptm_job', 'su[claim,claimed_until,dead_in_row,disabled_because,enabled,failing_since]', 'outage.webhook'),
  ('bptm_job', 'sd', 'outage.webhook_secret'),
  ('bptm_job', 'siud', 'outage.webhook_message'),
  ('bptm_job', 's', 'outage.webhook_wait access.audit'),
  ('bptm_job', 'si', 'access.audit_seal'),
  ('bptm_http', 's[ids,number]', 'access.audit_seal'),
  ('bptm_job', 'su', 'access.audit_horizon'),
  ('bptm_job', 'siu', 'fleet.counter'),
  ('bptm_http', 'su[stored]', 'outage.derivation'),
  ('bptm_http', 's', 'programme.generator_field programme.generator_offline'),
  ('bptm_http', 'si', 'programme.generator_model programme.generator_name'),
  ('bptm_http', 'siu[active,published_at,published_by,state]', 'programme.generator_list'),
  ('bptm_http', 'siud', 'programme.generator_answer'),
  ('bptm_job', 's', 'programme.generator_list programme.generator_model programme.generator_name'),
  ('bptm_job', 's[application_id,generator_make,generator_model]', 'programme.application'),
  ('bptm_job', 'siud', 'programme.generator_field programme.generator_answer'),
  ('bptm_http', 'siu[assigned_to]', 'fleet.assignment'),
  ('bptm_http', 'siu[valid_to]', 'fleet.device_key'),
  ('bptm_http', 'siu[state]', 'fleet.device'),
  ('bptm_http', 'siu', 'programme.premise programme.premise_circuit programme.account programme.application person.customer
    programme.premise_transformer programme.programme_year programme.document programme.appointment programme.programme'),
  ('bptm_http', 'siu[revoked_at]', 'access.token'),
  ('bptm_http', 'siu[ended_at]d', 'access.session'),
  ('bptm_http', 'siud', 'access.idempotency programme.state_deadline'),
  ('bptm_http', 'siu', 'programme.import'),
  ('bptm_http', 's', 'programme.import_field programme.import_progress'),
  ('bptm_http', 'sd', 'person.import_error person.import_change'),
  ('bptm_http', 'sid', 'person.import_row'),
  ('bptm_import', 's', 'programme.import_field'),
  ('bptm_import', 'su', 'programme.import'),
  ('bptm_import', 'siu', 'programme.import_progress programme.premise programme.premise_circuit programme.account programme.circuit
    person.customer'),
  ('bptm_import', 'su[eligible_at,programme_year_id,state,state_reason,state_since,version]', 'programme.application'),
  ('bptm_import', 'su[reserved]', 'programme.programme_year'),
  ('bptm_import', 'i', 'programme.application_event'),
  ('bptm_import', 's', 'programme.programme programme.decision programme.appointment programme.field_visit programme.removal
    programme.state programme.transition fleet.assignment'),
  ('bptm_http', 's[import_id,piece]id', 'programme.import_file'),
  ('bptm_import', 'sd', 'programme.import_file'),
  ('bptm_import', 'sid', 'person.import_row'),
  ('bptm_import', 'sid', 'person.import_error person.import_change'),
  ('bptm_import', 's', 'outage.utility_name outage.circuit_alias outage.event outage.match_rule'),
  ('bptm_import', 'siu', 'outage.utility_event'),
  ('bptm_import', 'i', 'outage.match_due'),
  ('bptm_import', 'i', 'access.audit'),
  ('bptm_job', 's', 'fleet.assignment fleet.journal_head fleet.journal_record
    fleet.device_boot fleet.device_status fleet.device_link outage.source outage.feed_outage outage.derivation_rule outage.drill outage.retention
    programme.premise_circuit programme.premise_transformer programme.circuit programme.transformer'),
  ('bptm_job', 'siu', 'fleet.lease fleet.part_health outage.blind'),
  ('bptm_job', 'si', 'outage.event_version'),
  ('bptm_job', 'n', 'outage.event_event_id_seq'),
  ('bptm_job', 'siud', 'outage.outage outage.derivation outage.event outage.event_member outage.event_due outage.served_span'),
  ('bptm_http', 'su[decided_at,reason,status]', 'outage.event_link'),
  ('bptm_job', 's', 'outage.utility_event outage.match_rule outage.meter_outage'),
  ('bptm_job', 'siud', 'outage.event_link'),
  ('bptm_job', 'sid', 'outage.match_due'),
  ('bptm_job', 'sid', 'outage.device_fact outage.index_day outage.index_month outage.index_due outage.event_draft'),
  ('bptm_job', 's[city,geom,premise_id]', 'programme.premise'),
  ('bptm_job', 's[created_at]d', 'access.idempotency'),
  ('bptm_analyst', 's', 'analytics.backup_benefit analytics.backup_benefit_model analytics.outage analytics.outage_event analytics.transfer analytics.device_health analytics.loss_ledger analytics.loss_total
    analytics.index_month analytics.zone');

-- what eligibility decides on and keeps, and what publications are previewed with
insert into wanted values
  ('bptm_http', 's', 'programme.zone_rim programme.circuit_outage'),
  ('bptm_http', 'si', 'programme.circuit_list_entry'),
  ('bptm_http', 's', 'programme.preview_change'),
  ('bptm_http', 'siu', 'programme.preview'),
  ('bptm_http', 'su', 'programme.zone_layer'),
  ('bptm_http', 'siu', 'programme.ruleset programme.circuit_list'),
  ('bptm_http', 's', 'programme.circuit_designation'),
  ('bptm_import', 's', 'programme.circuit_designation'),
  ('bptm_http', 'si', 'programme.application_override'),
  ('bptm_import', 'siu[valid_to]', 'programme.circuit_list_entry'),
  ('bptm_import', 'si', 'programme.circuit_list programme.generator_list programme.generator_model programme.generator_name'),
  ('bptm_import', 'su[counts,ended_at,note,started_at,state]', 'programme.preview'),
  ('bptm_import', 'si', 'programme.preview_change'),
  ('bptm_import', 's', 'programme.ruleset programme.zone_layer programme.zone programme.zone_rim programme.application_override'),
  ('bptm_import', 'si', 'programme.circuit_outage');

create temporary view relation as
select c.oid, n.nspname || '.' || c.relname as name, c.relacl
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics', 'migration')
  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not c.relispartition;

-- what the catalogue says, public counted for everybody; the letters in a fixed order
create temporary view allowed as
select e.role, e.name, string_agg(e.letter || e.columns, '' order by e.place) as privileges
from (
  select p.role, p.name, l.letter, l.place,
         case when bool_or(p.attname is null) then '' else '[' || string_agg(p.attname, ',' order by p.attname) || ']' end as columns
  from (
    select r.rolname as role, t.name, x.privilege_type, null::name as attname
    from relation t cross join lateral aclexplode(t.relacl) x join pg_roles r on r.oid = x.grantee or x.grantee = 0
    union all
    select r.rolname, t.name, x.privilege_type, a.attname
    from relation t join pg_attribute a on a.attrelid = t.oid
    cross join lateral aclexplode(a.attacl) x join pg_roles r on r.oid = x.grantee or x.grantee = 0
  ) p
  left join (values ('SELECT', 's', 1), ('INSERT', 'i', 2), ('UPDATE', 'u', 3), ('DELETE', 'd', 4), ('USAGE', 'n', 5)) l(type, letter, place)
    on l.type = p.privilege_type
  where p.role in ('bptm_http', 'bptm_mqtt', 'bptm_job', 'bptm_import', 'bptm_analyst')
  group by p.role, p.name, l.letter, l.place
) e group by e.role, e.name;

select bag_eq('select role, name, privileges from allowed',
  $$select w.role, r.name, w.privileges from wanted w, regexp_split_to_table(w.relations, '\s+') r(name)$$,
  'each role may do on each table and view what is written here, and nothing else');
select is_empty($$select n.nspname, r.rolname from pg_namespace n, pg_roles r
  where (r.rolname in ('bptm_mqtt', 'bptm_analyst') and n.nspname in ('person', 'programme')
      or r.rolname = 'bptm_job' and n.nspname = 'person')
    and has_schema_privilege(r.oid, n.oid, 'usage')$$, 'people and programmes are out of sight of the other parts');
select is_empty($$select n.nspname, r.rolname from pg_namespace n, pg_roles r
  where r.rolname in ('bptm_http', 'bptm_mqtt', 'bptm_job', 'bptm_import', 'bptm_analyst')
    and n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics', 'migration', 'public')
    and has_schema_privilege(r.oid, n.oid, 'create')$$, 'nobody but the owner creates anything');
select is_empty($$select r.rolname from pg_roles r where r.rolname like 'bptm\_%'
  and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication)$$, 'no role has powers');

-- functions
select is_empty($$select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics')
    and (p.proacl is null or exists (select from aclexplode(p.proacl) x where x.grantee = 0))
    and not exists (select from pg_depend e where e.objid = p.oid and e.deptype = 'e')$$,
  'no function may be called by everybody');
select is_empty($$select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics')
    and p.prosecdef$$, 'no function lends its owner''s rights');
select is_empty($$select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics')
    and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')
    and not exists (select from pg_depend e where e.objid = p.oid and e.deptype = 'e')
    and p.oid::regprocedure::text not like all (array['programme.rule\_code(%', 'programme.rule\_test(%', 'programme.rule\_term(%', 'programme.rule\_told(%',
      'programme.outcome(%', 'programme.judged(%', 'programme.area\_told(%',
      'programme.fact\_json(%', 'programme.generator\_most\_w(%', 'programme.generator\_rule(%', 'programme.generator\_judge(%',
      'programme.season(%', 'programme.guard\_failure(%', 'programme.application\_action(%', '%\_feature(%', 'outage.odin\_outage(%', 'outage.interruption(%', 'outage.told(%'])
    and p.oid::regprocedure::text not like all (array['access.rfc3339(%', 'person.sealed(%', 'programme.custody\_revokes(%'])$$,
  'the search path of every function is pinned, but for what is inlined');
select is_empty($$select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('fleet', 'programme', 'person', 'outage', 'access', 'analytics')
    and (has_function_privilege('bptm_analyst', p.oid, 'execute') or has_function_privilege('bptm_mqtt', p.oid, 'execute'))
    and not exists (select from pg_depend e where e.objid = p.oid and e.deptype = 'e')
    and p.oid::regprocedure::text not like all (array['access.rfc3339(%', 'outage.told(%', 'person.sealed(%'])$$,
  'analysts and the ingest call none of them, but the rule of what is told in the views, which reads nothing');

-- as it is met
create function pg_temp.as(in_role text, in_sql text) returns text language plpgsql as $$
begin
  execute format('set local role %I', in_role);
  execute in_sql;
  reset role;
  return 'allowed';
exception when insufficient_privilege then
  return 'refused';
end $$;
select is(pg_temp.as(t.role, t.sql), t.wanted, t.role || ': ' || t.sql)
from (values
  ('bptm_mqtt', 'select * from person.customer', 'refused'),
  ('bptm_mqtt', 'select * from programme.premise', 'refused'),
  ('bptm_mqtt', 'select * from access.token', 'refused'),
  ('bptm_mqtt', 'select * from fleet.assignment', 'refused'),
  ('bptm_mqtt', 'delete from fleet.journal_record', 'refused'),
  ('bptm_mqtt', 'update fleet.journal_record set hash = hash', 'refused'),
  ('bptm_mqtt', 'insert into fleet.journal_head (device_id, head_hash, updated_at) values (-1, sha256(''''), now())', 'refused'),
  ('bptm_http', 'insert into fleet.journal_record (device_id, seq, part_ts, received_at, mono_ms, boot, kind, quality, hash) values (-1, 1, now(), now(), 0, 1, 2, 0, '''')', 'refused'),
  ('bptm_http', 'update fleet.journal_head set head_seq = 1', 'refused'),
  ('bptm_http', 'delete from access.audit', 'refused'),
  ('bptm_http', 'update programme.custody set reason = ''other''', 'refused'),
  ('bptm_http', 'delete from programme.custody', 'refused'),
  ('bptm_http', 'update programme.decision set outcome = ''eligible''', 'refused'),
  ('bptm_http', 'select * from migration.patch', 'refused'),
  ('bptm_job', 'select * from person.customer', 'refused'),
  ('bptm_job', 'select address from programme.premise', 'refused'),
  ('bptm_job', 'select outage.count_served(), outage.roll_up_due(10), outage.derive_events(10), outage.derive_facts(10), outage.match_events(10), outage.watch(now())', 'allowed'),
  ('bptm_job', 'select token_id from access.idempotency', 'refused'),
  ('bptm_job', 'delete from access.idempotency where created_at < now() - interval ''24 hours''', 'allowed'),
  ('bptm_job', 'select outage.derive(array(select device_id from outage.pending(10)))', 'allowed'),
  ('bptm_job', 'select access.audit_seal_next(10)', 'allowed'),
  ('bptm_job', 'update access.audit_seal set hash = hash', 'refused'),
  ('bptm_job', 'delete from access.audit_seal', 'refused'),
  ('bptm_job', 'update access.audit set action = action', 'refused'),
  ('bptm_http', 'select * from access.audit_seal', 'refused'),
  ('bptm_import', 'select * from access.audit', 'refused'),
  ('bptm_import', 'delete from programme.premise', 'refused'),
  ('bptm_import', 'select * from fleet.device', 'refused'),
  ('bptm_import', 'select programme.import_forget(7, 4)', 'allowed'),
  ('bptm_http', 'select programme.import_apply(0, 1, 2)', 'refused'),
  ('bptm_http', 'select programme.rule_told(''{}'', ''{}'', ''fail'')', 'allowed'),
  ('bptm_http', 'select programme.generator_answer_refresh()', 'allowed'),
  ('bptm_http', 'update programme.generator_list set imported_by = ''me''', 'refused'),
  ('bptm_job', 'select programme.generator_field_refresh(), programme.generator_answer_refresh()', 'allowed'),
  ('bptm_job', 'select premise_id from programme.application', 'refused'),
  ('bptm_job', 'select programme.rule_told(''{}'', ''{}'', ''fail'')', 'refused'),
  ('bptm_analyst', 'select * from analytics.outage, analytics.transfer, analytics.device_health, analytics.loss_total', 'allowed'),
  ('bptm_analyst', 'select * from outage.outage', 'refused')
) t(role, sql, wanted);

select * from finish();
rollback;
