-- What belongs into userlist.txt: roles of the applications with their SCRAM secrets, which are not the passwords?
-- psql --no-align --tuples-only --file userlist.sql > userlist.txt
select format('"%s" "%s"', rolname, rolpassword) as line
from pg_authid
where rolcanlogin and rolpassword like 'SCRAM-SHA-256$%'
  and (rolname like '%\_service\_app' or rolname = 'fitnesshub_migrator')
order by rolname
