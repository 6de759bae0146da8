-- Where do the sequences stand that count upwards? Those that have given nothing since they were set have no value.
select
  quote_ident(schemaname) || '.' || quote_ident(sequencename) as sequence,
  last_value::text as value,
  increment_by::text as step
from pg_sequences
where increment_by > 0
  and schemaname <> 'pgwright'
  and not (schemaname = $1::text and starts_with(sequencename, $2::text))
order by 1
