-- The schema stays ready to be distributed by device: the rules that every table of schema fleet
-- keeps. Each test lists breaches, and each rule is shown to find one that is planted.
begin;
set local client_min_messages = warning;
set local search_path = public, pg_catalog;
select plan(20);

create temporary view tab as
select c.oid, c.relname, c.relkind, k.class, a.attnum as dist, a.attnotnull, a.attgenerated, a.attidentity,
       k.dist_col, format_type(a.atttypid, a.atttypmod) as dist_type
from pg_class c
left join fleet.table_class k on k.relname = c.relname
left join pg_attribute a on a.attrelid = c.oid and a.attname = k.dist_col and not a.attisdropped
where c.relnamespace = 'fleet'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition;

create temporary view breach as
select 'class' as rule, relname::text as object from tab where class is null
union all
select 'class of nothing', k.relname from fleet.table_class k where to_regclass('fleet.' || k.relname) is null
union all
-- the column that places a row is there, known when the row is written, and never made up
select 'distribution column', relname from tab
where class in ('D', 'Q', 'S') and (dist is null or not attnotnull or attgenerated <> '' or attidentity <> '')
   or class in ('R', 'L') and dist_col is not null
union all
select 'distribution type', relname from tab
where class = 'D' and (dist_col, dist_type) is distinct from ('device_id', 'bigint')
   or class = 'Q' and (dist_col, dist_type) is distinct from ('bucket', 'smallint')
union all
select 'primary key', relname from tab
where not exists (select from pg_index i where i.indrelid = tab.oid and i.indisprimary)
union all
-- uniqueness can be kept within one place only
select 'unique', i.indexrelid::regclass::text from tab join pg_index i on i.indrelid = tab.oid
where class in ('D', 'Q', 'S') and i.indisunique and not dist = any (i.indkey::smallint[])
union all
select 'exclusion', con.conname from tab join pg_constraint con on con.conrelid = tab.oid and con.contype = 'x'
where class in ('D', 'Q', 'S') and not exists (
  select from unnest(con.conkey, con.conexclop) e(key, op) join pg_operator o on o.oid = e.op
  where e.key = tab.dist and o.oprname = '=')
union all
select 'trigger', relname from tab join pg_trigger g on g.tgrelid = tab.oid where not g.tgisinternal and class <> 'L'
union all
select 'rewrite rule', relname from tab join pg_rewrite r on r.ev_class = tab.oid
union all
select 'inheritance', c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where c.relnamespace = 'fleet'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
union all
select 'materialized view', c.relname from pg_class c where c.relnamespace = 'fleet'::regnamespace and c.relkind = 'm'
union all
-- foreign keys: to a reference table, among coordinator tables, or between devices on the device
select 'foreign key', con.conname
from pg_constraint con join tab f on f.oid = con.conrelid join tab t on t.oid = con.confrelid
where con.contype = 'f' and con.conparentid = 0 and not (
  t.class = 'R' and f.class in ('R', 'D', 'Q', 'S')
  or f.class = 'L' and t.class = 'L'
  or f.class = 'D' and t.class = 'D' and exists (
    select from unnest(con.conkey, con.confkey) k(a, b) where k.a = f.dist and k.b = t.dist))
union all
select 'foreign key across schemas', con.conname
from pg_constraint con join pg_class f on f.oid = con.conrelid join pg_class t on t.oid = con.confrelid
where con.contype = 'f' and f.relnamespace <> t.relnamespace and 'fleet'::regnamespace in (f.relnamespace, t.relnamespace)
union all
select 'foreign key that clears', con.conname from tab join pg_constraint con on con.conrelid = tab.oid
where con.contype = 'f' and (con.confdeltype in ('n', 'd') or con.confupdtype in ('n', 'd', 'c'))
union all
select 'foreign key of a partitioned table', con.conname from tab join pg_constraint con on con.conrelid = tab.oid
where con.contype = 'f' and tab.relkind = 'p'
union all
select 'small identity', tab.relname || '.' || a.attname from tab join pg_attribute a on a.attrelid = tab.oid and a.attnum > 0
left join pg_attrdef d on d.adrelid = tab.oid and d.adnum = a.attnum
where a.atttypid in ('integer'::regtype, 'smallint'::regtype)
  and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval%')
union all
-- partitions: by range of one column that is in the key and never the time of receipt by default
select 'partition key', relname from tab join pg_partitioned_table p on p.partrelid = tab.oid
where p.partstrat <> 'r' or p.partnatts <> 1 or p.partattrs[0] = 0
   or not exists (select from pg_index i where i.indrelid = tab.oid and i.indisprimary and p.partattrs[0] = any (i.indkey::smallint[]))
   or exists (select from pg_attrdef d where d.adrelid = tab.oid and d.adnum = p.partattrs[0])
union all
select 'default partition', relname from tab join pg_partitioned_table p on p.partrelid = tab.oid where p.partdefid = 0
union all
select 'function', p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'fleet'::regnamespace;

select is_empty('select * from breach', 'no table breaks a rule');

-- planted breaches
create function pg_temp.found(in_sql text) returns text language plpgsql as $$
declare l_found text;
begin
  begin
    execute in_sql;
    select string_agg(distinct b.rule, ', ' order by b.rule) into l_found from breach b;
    raise exception using errcode = 'BPT00', message = coalesce(l_found, 'nothing');
  exception when sqlstate 'BPT00' then
    return sqlerrm;
  end;
end $$;
select is(pg_temp.found(p.sql), p.rule, 'found when planted: ' || p.rule)
from (values
  ('create table fleet.x (id bigint primary key)', 'class'),
  ('insert into fleet.table_class values (''nothing'', ''R'', null)', 'class of nothing'),
  ('alter table fleet.device_key alter column device_id drop not null', null),
  ('create table fleet.x (device_id bigint generated always as identity primary key); insert into fleet.table_class values (''x'', ''D'', ''device_id'')', 'distribution column'),
  ('create table fleet.x (device_id integer primary key); insert into fleet.table_class values (''x'', ''D'', ''device_id'')', 'distribution type'),
  ('alter table fleet.device_link drop constraint device_link_pkey', 'primary key'),
  ('create unique index on fleet.device (serial)', 'unique'),
  ('alter table fleet.assignment add exclude using gist (premise_id with =)', 'exclusion'),
  ('create function pg_temp.t() returns trigger language plpgsql as ''begin return null; end''; create trigger t after insert on fleet.device execute function pg_temp.t()', 'trigger'),
  ('create rule r as on delete to fleet.device do also nothing', 'rewrite rule'),
  ('create table fleet.x () inherits (fleet.device_link); alter table fleet.x add primary key (device_id); insert into fleet.table_class values (''x'', ''D'', ''device_id'')', 'inheritance'),
  ('create materialized view fleet.x as select 1 as one', 'materialized view'),
  ('alter table fleet.receipt_epoch add device_id bigint references fleet.device', 'foreign key'),
  ('alter table fleet.assignment add foreign key (premise_id) references programme.premise', 'foreign key across schemas'),
  ('alter table fleet.device_link add foreign key (device_id) references fleet.device on delete set null', 'foreign key that clears'),
  ('alter table fleet.journal_batch add foreign key (device_id) references fleet.device', 'foreign key of a partitioned table'),
  ('alter table fleet.device add x integer generated always as identity', 'small identity'),
  ('alter table fleet.journal_batch alter part_ts set default now()', 'partition key'),
  ('alter table fleet.journal_batch detach partition fleet.journal_batch_default; drop table fleet.journal_batch_default', 'default partition'),
  ('create function fleet.x() returns integer language sql as ''select 1''', 'function')
) p(sql, rule)
where p.rule is not null;

select * from finish();
rollback;
