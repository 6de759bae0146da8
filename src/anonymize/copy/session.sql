-- What a long copy must not be ended or changed by: a role's own limits and ways of writing values.
select set_config(s.name, v.value, false)
from (values
  ('statement_timeout', '0'),
  ('transaction_timeout', '0'),
  ('idle_in_transaction_session_timeout', '0'),
  ('idle_session_timeout', '0'),
  ('lock_timeout', '10s'),
  -- What a killed run has left ends by itself.
  ('client_connection_check_interval', '1s'),
  ('row_security', 'off'),
  ('synchronous_commit', 'off'),
  ('datestyle', 'ISO, MDY'),
  ('intervalstyle', 'postgres'),
  ('timezone', 'UTC'),
  ('extra_float_digits', '1'),
  ('bytea_output', 'hex'),
  ('lc_monetary', 'C'),
  ('xmloption', 'content')
) v(name, value)
join pg_settings s on s.name = v.name
