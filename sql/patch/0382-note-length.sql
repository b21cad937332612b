-- A note may be as long as the letter that it quotes.
alter table person.application_note
  drop constraint application_note_text_check,
  add constraint application_note_text_check check (length(text) between 1 and 10000);
