-- The device side: everything that is distributed by device one day (class D, Q, S, R).
create schema fleet;
