-- Records that a refresh failed: view ($1 schema, $2 name, $3 oid), way ($4), since when ($5), why ($6, $7).
insert into pgwright.matview_log
  (view_schema, view_name, view_oid, outcome, is_concurrent, started_at, sqlstate, message)
values ($1::text, $2::text, $3::text::oid, 'failed', $4::boolean,
        clock_timestamp() - $5::text::interval, $6::text, $7::text)
