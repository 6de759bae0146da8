-- Records a refresh: view ($1 schema, $2 name, $3 oid), way ($4), rows ($5, added $6, removed $7), sources ($8, $9).
with kept as (
  -- Five hundred of each view are history enough.
  delete from pgwright.matview_log
  where (view_schema, view_name) = ($1::text, $2::text)
    and id < (select min(id) from (select id from pgwright.matview_log
                                   where (view_schema, view_name) = ($1::text, $2::text)
                                   order by id desc limit 500) newest)
)
insert into pgwright.matview_log
  (view_schema, view_name, view_oid, outcome, is_concurrent, rows_after, rows_added, rows_removed, sources, data_as_of)
values ($1::text, $2::text, $3::text::oid, 'refreshed', $4::boolean, $5::text::bigint, $6::text::bigint,
        $7::text::bigint, $8::text::json,
        -- No newer than the oldest materialized view that was read; unknown where that is.
        (select case when count(*) = count(l.data_as_of) then least(now(), min(l.data_as_of)) end
         from json_array_elements_text($9::text::json) u (oid)
         left join lateral (
           select data_as_of from pgwright.matview_log
           where view_oid = u.oid::oid and outcome = 'refreshed' order by id desc limit 1) l on true))
