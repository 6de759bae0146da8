-- Who is mapped to a user of a foreign server? Their options, which hold passwords, are not read.
select m.umid as oid, m.srvname as server, case m.umuser when 0 then 'PUBLIC' else m.usename end as role
from pg_user_mappings m
order by m.srvname, m.usename nulls first
