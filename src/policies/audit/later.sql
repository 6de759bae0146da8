-- Which other transactions changed these tables later? shared.audit_log stands for the log's own name.
-- $1 JSON array of tables, $2 seq after which, $3 JSON array of transactions to leave out, $4 a time
-- somewhat before (a transaction that began earlier may have written later), which spares old partitions.
select e.xid::text as xid,
       string_agg(distinct e.table_name, ', ') as tables
from shared.audit_log e
where e.table_name in (select value from json_array_elements_text($1::text::json))
  and e.seq > $2::text::bigint
  and e.xid::text not in (select value from json_array_elements_text($3::text::json))
  and e.changed_at >= $4::text::timestamptz - interval '1 day'
group by e.xid
order by min(e.seq)
limit 3
