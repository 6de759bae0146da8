-- Which engine is behind this server, by the extensions, settings and objects only one of them has?
select (select coalesce(json_agg(extname), '[]'::json) from pg_extension) as extensions,
       (select coalesce(json_agg(distinct split_part(name, '.', 1)), '[]'::json)
        from pg_settings where name like '%.%') as "settingPrefixes",
       (select coalesce(json_agg(mark), '[]'::json)
        from unnest(array['sys.iam_pg_role_mappings']) mark
        where to_regclass(mark) is not null) as objects
