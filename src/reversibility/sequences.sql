-- Where do the sequences stand that count upwards? Those never used have no value.
select
  quote_ident(schemaname) || '.' || quote_ident(sequencename) as sequence,
  last_value::text as value
from pg_sequences
where increment_by > 0
  and schemaname <> 'pgwright'
  and not (schemaname = $1::text and starts_with(sequencename, $2::text))
order by 1
