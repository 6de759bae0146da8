-- What time is it on the server, how many connections does it take, and how many are in use?
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "now",
       current_setting('max_connections')::int AS "most",
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true), '0')::int AS "reserved",
       (SELECT sum(numbackends)::int FROM pg_stat_database) AS "used"
