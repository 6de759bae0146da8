-- Does the schema $1 exist, and which columns do the ledger $2 and its log there have?
select exists (select from pg_namespace where nspname = $1::text) as "hasSchema",
       (select json_object_agg(relation, columns)
        from (
          select c.relname as relation,
                 json_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                          order by a.attnum) as columns
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          where n.nspname = $1::text
            and c.relname in ($2::text, $2::text || '_log')
            and c.relkind in ('r', 'p', 'v', 'm', 'f')
          group by c.relname
        ) shape) as relations
