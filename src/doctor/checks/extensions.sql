-- Which installed extensions are older than the server's files for them, or have no files any more?
select quote_ident(e.extname) as name,
       e.extversion as installed,
       a.default_version as available,
       -- Without its files the function raises an error.
       case when a.name is not null then (
         select p.path from pg_extension_update_paths(e.extname) p
         where p.source = e.extversion and p.target = a.default_version) end as path
from pg_extension e
left join pg_available_extensions a on a.name = e.extname
where a.name is null or a.default_version <> e.extversion
order by e.extname
