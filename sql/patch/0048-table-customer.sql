-- A person. Nothing outside this schema repeats these columns.
create table person.customer (
  customer_id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 200),
  email text check (length(email) between 3 and 254),
  phone text check (length(phone) between 3 and 40),
  medical_baseline boolean not null default false,
  created_at timestamptz not null default now()
);
