-- Its cells are asked for (programme.import_reject_cells), and one place makes CSV of them: the server.
drop function if exists programme.import_rejects(bigint, integer, integer);
