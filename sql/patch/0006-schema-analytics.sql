-- Documented views without personal data: all that analysts see.
create schema analytics;
