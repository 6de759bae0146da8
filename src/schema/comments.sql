-- Which objects and columns have a comment?
-- 2200 is the schema public, which initdb made.
select d.classoid as class, d.objoid as object, d.objsubid as sub, d.description as comment
from pg_description d
where d.objoid >= 16384
   or (d.classoid = 'pg_namespace'::regclass and d.objoid = 2200)
