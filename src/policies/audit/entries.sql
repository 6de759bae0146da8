-- What was changed, newest first? shared.audit_log stands for the log's own name.
-- $1 table, $2 key, $3 actor, $4 since, $5 until, $6 JSON array of transactions, $7 operation, $8 how
-- many; null does not restrict.
select e.seq::text as seq,
       e.xid::text as xid,
       e.table_name as "table",
       e.record_id as key,
       e.operation,
       e.changed_by::text as "changedBy",
       to_char(e.changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
       -- Columns that a log may do without.
       to_jsonb(e) ->> 'session_role' as "sessionRole",
       to_jsonb(e) ->> 'application_name' as "applicationName",
       to_jsonb(e) ->> 'client_address' as "clientAddress",
       -- Each value as name, kind, text, and the text of a PostgreSQL array.
       (select json_agg(json_build_array(v.key, jsonb_typeof(v.value), v.value #>> '{}',
                 case when jsonb_typeof(v.value) = 'array' then
                   (select coalesce(array_agg(m.value #>> '{}' order by m.place), '{}')::text
                    from jsonb_array_elements(v.value) with ordinality m(value, place)) end))
        from jsonb_each(case when jsonb_typeof(e.old_values) = 'object' then e.old_values end) v) as old,
       (select json_agg(json_build_array(v.key, jsonb_typeof(v.value), v.value #>> '{}',
                 case when jsonb_typeof(v.value) = 'array' then
                   (select coalesce(array_agg(m.value #>> '{}' order by m.place), '{}')::text
                    from jsonb_array_elements(v.value) with ordinality m(value, place)) end))
        from jsonb_each(case when jsonb_typeof(e.new_values) = 'object' then e.new_values end) v) as new
from shared.audit_log e
where ($1::text is null or e.table_name = $1
       or (strpos($1, '.') = 0 and right(e.table_name, length($1) + 1) = '.' || $1))
  and ($2::text is null or e.record_id = $2)
  and ($3::text is null or e.changed_by::text = $3 or to_jsonb(e) ->> 'session_role' = $3)
  and ($4::text is null or e.changed_at >= $4::text::timestamptz)
  and ($5::text is null or e.changed_at < $5::text::timestamptz)
  and ($6::text is null or e.xid::text in (select value from json_array_elements_text($6::text::json)))
  and ($7::text is null or e.operation = $7)
order by e.seq desc
limit $8::text::bigint
