-- Which settings decide what a statement means, where they are not PostgreSQL's own, as this session began?
select coalesce(json_object_agg(name, reset_val order by name collate "C"), '{}') as settings
from pg_settings
where (category ~ '^Client Connection Defaults / (Statement Behavior|Locale and Formatting)$'
    or category ~ '^Version and Platform Compatibility')
  and reset_val is distinct from boot_val
  -- How long one waits, what a standby is like, and how the client wants its text.
  and unit is distinct from 'ms'
  and name !~ '^(transaction_|client_encoding$)'
