insert into fleet.table_class (relname, class, dist_col) values
  ('firmware_image', 'R', null),
  ('firmware_offer', 'D', 'device_id');
