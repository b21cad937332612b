-- Once per cluster, by a superuser: the owner, one login role per part of the server, the database.
-- psql -v database=bptm -f bootstrap.sql postgres ; passwords are the operator's to set.
select format('create role %I %s', r.name, r.attributes)
from (values
  ('bptm_owner',   'login'),            -- owns the schema; bptmctl
  ('bptm_http',    'login'),            -- the REST part of bptmd
  ('bptm_mqtt',    'login'),            -- the journal part of bptmd
  ('bptm_job',     'login'),            -- timers and derivations of bptmd
  ('bptm_import',  'login'),            -- bulk imports of bptmd
  ('bptm_analyst', 'login')             -- people: read-only views
) r(name, attributes)
where not exists (select 1 from pg_roles where rolname = r.name)
\gexec
select format('create database %I owner bptm_owner encoding ''UTF8'' template template0 locale ''C.UTF-8''', :'database')
where not exists (select 1 from pg_database where datname = :'database')
\gexec
\connect :"database"
-- The statements are short; compiling one that the planner takes for long costs seconds.
alter database :"database" set jit = off;
create extension if not exists postgis;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
revoke all on schema public from public;
grant usage on schema public to bptm_owner, bptm_http, bptm_mqtt, bptm_job, bptm_import, bptm_analyst;
-- Requests come many at once and read little each, from memory: helpers cost more to start than they save,
-- and an index costs no more than reading on.
alter role bptm_http set max_parallel_workers_per_gather = 0;
alter role bptm_http set random_page_cost = 1.1;
alter role bptm_analyst set default_transaction_read_only = on;
alter role bptm_analyst set statement_timeout = '60s';
