-- Personal data, apart from everything else.
create schema person;
