-- Records that the materialized view with the oid $1 lacks nothing: what it read has not changed ($2: other views it read).
update pgwright.matview_log
set data_as_of =
  (select case when count(*) = count(l.data_as_of) then least(now(), min(l.data_as_of)) end
   from json_array_elements_text($2::text::json) u (oid)
   left join lateral (
     select data_as_of from pgwright.matview_log
     where view_oid = u.oid::oid and outcome = 'refreshed' order by id desc limit 1) l on true)
where id = (select max(id) from pgwright.matview_log where view_oid = $1::text::oid and outcome = 'refreshed')
