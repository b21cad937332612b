-- Refuse to publish a preview that was published, that has nothing to publish, or that what is in
-- force has left behind. Error: state-refused, with why.
create or replace function programme.preview_refuse(in_preview programme.preview)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  l_why text;
begin
  l_why := case
    when in_preview.state in ('waiting', 'running') then 'It is not done: who moves is not known yet.'
    when in_preview.state <> 'done' then format('It is %s: make a new preview.', in_preview.state)
    when in_preview.published_at is not null then 'It was published.'
    when in_preview.quota is not null then 'A quota is changed with its season: this was a question only.'
    when row(in_preview.ruleset_id, in_preview.zone_layer_ids, in_preview.circuit_list_ids, in_preview.generator_list_id)
      is not distinct from row(in_preview.ruleset_before_id, in_preview.zone_layer_before_ids,
                               in_preview.circuit_list_before_ids, in_preview.generator_list_before_id)
      then 'It names nothing that is not in force.'
    when in_preview.decided_on <> current_date
      or in_preview.zone_layer_before_ids <> programme.preview_versions('zone_layer', null)
      or in_preview.circuit_list_before_ids <> programme.preview_versions('circuit_list', null)
      or in_preview.generator_list_before_id is distinct from (select l.generator_list_id from programme.generator_list l where l.active)
      or in_preview.ruleset_before_id is distinct from (
        select r.ruleset_id from programme.ruleset r where r.programme_id = in_preview.programme_id and r.state = 'published'
          and daterange(r.valid_from, r.valid_to) @> current_date)
      then 'What is in force is not what it was compared with: make a new preview.'
    when exists (select from programme.ruleset r where r.ruleset_id = in_preview.ruleset_id and r.state = 'draft'
                   and r.valid_from < current_date)
      then 'A ruleset is in force from today or a later day.'
    when exists (select from programme.ruleset r join programme.ruleset o using (programme_id)
                 where r.ruleset_id = in_preview.ruleset_id and r.state = 'draft' and o.state = 'published'
                   and o.valid_from >= r.valid_from)
      then 'Another ruleset of the programme is in force from that day or a later one.' end;
  if l_why is not null then
    raise exception using errcode = 'BP001', message = 'state-refused', detail = l_why;
  end if;
end
$$;
comment on function programme.preview_refuse(programme.preview) is
  'Refuse to publish a preview that cannot be, with why.';
grant execute on function programme.preview_refuse(programme.preview) to bptm_http;
