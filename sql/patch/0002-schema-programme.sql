-- The programme side: premises, applications, decisions, zones, lists.
create schema programme;
