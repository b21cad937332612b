-- Where a premise is, exactly and as people who study the data are told: the middle of its cell of the
-- grid (outage.disclosure), and nothing when fewer homes than `least` share that cell.
create or replace view outage.place as
select p.premise_id, p.city, p.geom as exact,
       (select case when outage.told(false, (select count(*)
                          from (select from programme.premise q
                                where q.geom && st_makeenvelope(c.x - c.half, c.y - c.half, c.x + c.half, c.y + c.half, 4326)
                                  and round(st_x(q.geom)::numeric, w.decimals)::double precision = c.x
                                  and round(st_y(q.geom)::numeric, w.decimals)::double precision = c.y
                                limit w.least) near), w)
                    then st_setsrid(st_point(c.x, c.y), 4326) end
        from outage.disclosure w
        cross join lateral (select round(st_x(p.geom)::numeric, w.decimals)::double precision as x,
                                   round(st_y(p.geom)::numeric, w.decimals)::double precision as y,
                                   0.500001 * 10.0::double precision ^ -w.decimals as half) c) as coarse
from programme.premise p;
comment on view outage.place is 'Where a premise is, exactly and as analysts are told.';
comment on column outage.place.coarse is 'Middle of its cell; null where too few homes share the cell.';
grant select on outage.place to bptm_http;
