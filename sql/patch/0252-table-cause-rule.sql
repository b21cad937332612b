-- What a feed's words for a cause mean: the first pattern (SQL LIKE, without regard to case) that
-- matches gives the causeKind. Editable data, because the words are each utility's own.
create table outage.cause_rule (
  position integer primary key,
  pattern text not null check (length(pattern) between 1 and 200),
  cause text not null check (cause ~ '^[a-z][a-zA-Z]{2,39}$')
);
insert into outage.cause_rule values
  (10, '%public safety%turned off%', 'publicSafetyShutoff'),
  (20, '%scheduled%', 'scheduled'),
  (30, '%clearing vegetation%', 'vegetation'),
  (40, '%vegetation%', 'vegetation'),
  (50, '%car that hit%', 'vehicle'),
  (60, '%vehicle%', 'vehicle'),
  (70, '%fire%', 'fire'),
  (80, '%weather%', 'weather'),
  (90, '%equipment%', 'equipment'),
  (100, '%emergency%', 'emergency'),
  (110, '%animal%', 'animal');
