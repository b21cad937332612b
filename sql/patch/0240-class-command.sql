insert into fleet.table_class (relname, class, dist_col) values ('command', 'D', 'device_id');
