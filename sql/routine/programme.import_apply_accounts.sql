-- Write planned accounts and rows of their customers; what is personal is sealed by who calls
-- (server/store/import_person.c). The audit names personal fields and repeats none. A
-- move-out is programme.account_move_out, on the day that the file names or that of the commit.
create or replace function programme.import_apply_accounts(in_import_id bigint, in_from integer, in_to integer)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  with fresh as materialized (
    select c.*, row_number() over (order by c.row_no) as n
    from person.import_change c
    where c.import_id = in_import_id and c.row_no between in_from and in_to and c.action = 'create'
  ), customer as (
    insert into person.customer (medical_baseline)
    select coalesce((f.after ->> 'medical_baseline')::boolean, false)
    from fresh f order by f.n
    returning customer_id
  ), numbered as (
    -- ids are given in the order of the rows
    select customer_id, row_number() over (order by customer_id) as n from customer
  )
  insert into programme.account (number, premise_id, customer_id, kind, active)
  select f.object_key, p.premise_id, u.customer_id, f.after ->> 'kind', coalesce((f.after ->> 'active')::boolean, true)
  from fresh f join numbered u using (n) left join programme.premise p on p.code = f.after ->> 'premise_code'
  order by f.n;

  perform programme.account_move_out(c.target_id, coalesce((c.after ->> 'moved_out')::date, current_date),
    row(i.commit_token_id, i.commit_role, 'import-' || i.import_id)::access.actor)
  from programme.import i
  join (select * from person.import_change x
        where x.import_id = in_import_id and x.row_no between in_from and in_to and x.action = 'update'
          and (x.after ? 'moved_out' or x.after -> 'active' = 'false')
        order by x.target_id) c using (import_id);

  update programme.account a
  set kind = coalesce(c.after ->> 'kind', a.kind), active = coalesce((c.after ->> 'active')::boolean, a.active),
      version = a.version + 1
  from person.import_change c
  where c.import_id = in_import_id and c.row_no between in_from and in_to and c.action = 'update'
    and a.account_id = c.target_id
    and (a.kind, a.active) <> (coalesce(c.after ->> 'kind', a.kind), coalesce((c.after ->> 'active')::boolean, a.active));

  update person.customer p
  set medical_baseline = coalesce((c.after ->> 'medical_baseline')::boolean, p.medical_baseline),
      version = p.version + 1
  from person.import_change c join programme.account a on a.account_id = c.target_id
  where c.import_id = in_import_id and c.row_no between in_from and in_to and c.action = 'update'
    and p.customer_id = a.customer_id and c.after ?| array['customer_name', 'email', 'phone', 'medical_baseline'];

  insert into access.audit (token_id, role, action, object_id, before, after, request_id, reason)
  select i.commit_token_id, i.commit_role, 'account.import', a.account_id, c.before - x.personal,
         (c.after - x.personal) || jsonb_build_object('customer_fields',
           coalesce((select jsonb_agg(k order by k) from jsonb_object_keys(c.after) k where k = any (x.personal)), '[]')), 'import-' || i.import_id, i.why
  from programme.import i join person.import_change c using (import_id) join programme.account a on a.number = c.object_key
  cross join (values (array['customer_name', 'email', 'phone', 'medical_baseline'])) x(personal)
  where i.import_id = in_import_id and c.row_no between in_from and in_to
  order by c.row_no;
end
$$;
comment on function programme.import_apply_accounts(bigint, integer, integer) is 'Write planned accounts of an import.';
grant execute on function programme.import_apply_accounts(bigint, integer, integer) to bptm_import;
