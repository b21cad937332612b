-- How utilities are spelt in the regulator's roll-ups, by letters and digits only; editable data.
create table outage.utility_name (
  name_key text primary key check (name_key ~ '^[a-z0-9]{1,80}$'),
  utility text not null check (length(utility) between 1 and 40)
);
insert into outage.utility_name values
  ('pge', 'PG&E'), ('pacificgaselectric', 'PG&E'), ('pacificgasandelectric', 'PG&E'), ('pacificgaselectriccompany', 'PG&E'),
  ('pacificgasandelectriccompany', 'PG&E'), ('sce', 'SCE'), ('southerncaliforniaedison', 'SCE'),
  ('southerncaliforniaedisoncompany', 'SCE'), ('sdge', 'SDG&E'), ('sandiegogaselectric', 'SDG&E'),
  ('sandiegogasandelectric', 'SDG&E'), ('sandiegogaselectriccompany', 'SDG&E'), ('pacificorp', 'PacifiCorp'),
  ('pacificpower', 'PacifiCorp'), ('liberty', 'Liberty'), ('libertyutilities', 'Liberty'), ('bves', 'BVES'),
  ('bearvalley', 'BVES'), ('bearvalleyelectric', 'BVES'), ('bearvalleyelectricservice', 'BVES');
