-- A crew's jobs are found by its name.
create index appointment_crew on programme.appointment (crew, application_id) where status <> 'cancelled';
