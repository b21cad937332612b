-- What a generator runs, in watts: on the fuel that is named, else on the one that gives most. Null
-- when that is not known, or when it does not take that fuel. Inlined.
drop function if exists programme.generator_most_w(programme.generator_model, text);
create function programme.generator_most_w(in_model programme.generator_model, in_fuel text)
returns table (most_w integer)
language sql immutable parallel safe
as $$
  select case when in_fuel is null then (select max(u.w) from unnest(in_model.running_w) u(w))
              else in_model.running_w[array_position(in_model.fuels, in_fuel)] end
$$;
comment on function programme.generator_most_w(programme.generator_model, text) is
  'What a generator runs on a fuel, or at most, in watts; null when not known.';
grant execute on function programme.generator_most_w(programme.generator_model, text) to bptm_http, bptm_job, bptm_import;
