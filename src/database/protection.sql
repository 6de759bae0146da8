-- Which database carries the mark "protected", since when, and by whom?
SELECT database_name AS "markedName",
       system_identifier AS "markedSystem",
       reason,
       protected_by AS "protectedBy",
       to_char(protected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "protectedAt"
FROM pgwright.protection
