-- What is above a transformer and above a circuit, in CIM's words: the protective segment (behind one
-- recloser or fuse) and the substation. Null is not known.
alter table programme.transformer add column segment_id text check (length(segment_id) between 1 and 32);
alter table programme.circuit add column substation text check (length(substation) between 1 and 120);
