-- How was a database made, and what was set on it since: all that a new one of its name must get?
SELECT d.datname AS "name",
       pg_get_userbyid(d.datdba) AS "owner",
       pg_encoding_to_char(d.encoding) AS "encoding",
       d.datcollate AS "collate",
       d.datctype AS "ctype",
       -- As JSON, because the columns differ: datlocprovider b from 17, daticulocale before 17.
       to_jsonb(d) ->> 'datlocprovider' AS "provider",
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS "locale",
       to_jsonb(d) ->> 'daticurules' AS "icuRules",
       t.spcname AS "tablespace",
       d.datconnlimit AS "connectionLimit",
       d.datistemplate AS "isTemplate",
       shobj_description(d.oid, 'pg_database') AS "comment",
       CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid)::float8 END AS "bytes",
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'grantee', CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END,
                 'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
        FROM aclexplode(d.datacl) a) AS "grants",
       d.datacl IS NOT NULL AS "hasGrants",
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'role', CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END,
                 'settings', to_jsonb(s.setconfig))), '[]')
        FROM pg_db_role_setting s WHERE s.setdatabase = d.oid) AS "settings"
FROM pg_database d
JOIN pg_tablespace t ON t.oid = d.dattablespace
WHERE d.datname = $1
