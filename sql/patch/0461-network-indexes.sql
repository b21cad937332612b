-- From a network element down to what it feeds.
create index circuit_substation on programme.circuit (substation) where substation is not null;
create index transformer_segment on programme.transformer (segment_id) where segment_id is not null;
