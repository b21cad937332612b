-- Whose jobs an installer's token is for: the crew named by appointments; '*' is every crew. An
-- installer without a crew sees no job at all. Tokens made before there were crews keep what they had.
alter table access.token add column crew text check (length(crew) between 1 and 80),
  add constraint token_crew check (crew is null or role = 'installer');
update access.token set crew = '*' where role = 'installer';
