-- Which databases have a name as test databases have, what is written on them, who is in them, how large are they?
SELECT d.datname AS "name",
       pg_get_userbyid(d.datdba) AS "owner",
       shobj_description(d.oid, 'pg_database') AS "comment",
       (SELECT count(*)::int FROM pg_stat_activity a
        WHERE a.datid = d.oid AND coalesce(a.backend_type, 'client backend') = 'client backend') AS "sessions",
       CASE WHEN $2 AND has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid)::float8 END AS "bytes"
FROM pg_database d
WHERE d.datname LIKE 'pgwright\_%' AND ($1 = '' OR d.datname = $1)
ORDER BY d.datname
