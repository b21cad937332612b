-- Who has read a person, for the person and for who looks after that.
create index audit_customer on access.audit using gin ((after -> 'customers') jsonb_path_ops) where action = 'customer.read';
