-- Who is connected to a database, besides this session? (Of others' sessions a plain role sees no type.)
SELECT count(*)::int AS "count",
       coalesce(to_json(array_agg(DISTINCT coalesce(nullif(application_name, ''), backend_type)
                                  || ' as ' || coalesce(usename, '?'))), '[]') AS "who"
FROM pg_stat_activity
WHERE datname = $1 AND pid <> pg_backend_pid() AND coalesce(backend_type, 'client backend') = 'client backend'
