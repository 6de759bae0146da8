-- Where is it said that transactions are read-only by default, and which role's settings count?
SELECT source, sourcefile AS "file", session_user AS "role"
  FROM pg_settings
 WHERE name = 'default_transaction_read_only'
