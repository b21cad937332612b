-- How each table of the schema would be distributed: R reference, D by device_id, Q queue by bucket,
-- S by its own key, L stays on the coordinator. A test checks the tables against it.
create table fleet.table_class (
  relname text primary key,
  class char(1) not null check (class in ('R', 'D', 'Q', 'S', 'L')),
  dist_col text
);
insert into fleet.table_class (relname, class, dist_col) values
  ('table_class', 'R', null),
  ('device_model', 'R', null),
  ('receipt_epoch', 'R', null),
  ('device_serial', 'S', 'serial'),
  ('counter', 'S', 'name'),
  ('device', 'D', 'device_id'),
  ('device_key', 'D', 'device_id'),
  ('assignment', 'D', 'device_id'),
  ('journal_head', 'D', 'device_id'),
  ('journal_batch', 'D', 'device_id'),
  ('journal_record', 'D', 'device_id'),
  ('journal_gap', 'D', 'device_id'),
  ('journal_fork', 'D', 'device_id'),
  ('device_boot', 'D', 'device_id'),
  ('device_status', 'D', 'device_id'),
  ('device_link', 'D', 'device_id'),
  ('receipt', 'D', 'device_id'),
  ('quarantine', 'Q', 'bucket'),
  ('lease', 'L', null);
