-- How long to wait after which failed try, changed by the operator of the database. After a try that has no
-- row the message is given up. Up to a quarter is added by chance.
create table outage.webhook_wait (
  try integer primary key check (try > 0),
  wait interval not null check (wait > '0')
);
insert into outage.webhook_wait values
  (1, '5 seconds'), (2, '30 seconds'), (3, '2 minutes'), (4, '10 minutes'), (5, '30 minutes'), (6, '2 hours'),
  (7, '5 hours'), (8, '10 hours');
