-- What stands between an audited change and the log $1 (its oid): triggers and rules on INSERT, defaults, replication?
select
  to_json(array(
    select json_build_object('kind', o.kind, 'name', o.name, 'schema', n.nspname, 'table', c.relname,
      'owner', pg_get_userbyid(c.relowner))
    from (
      -- Clones go with the trigger of the partitioned table. 4: of INSERT.
      select 'trigger' as kind, g.tgname as name, g.tgrelid as relation
      from pg_trigger g
      where not g.tgisinternal and g.tgparentid = 0 and g.tgtype::int & 4 <> 0 and g.tgenabled <> 'D'
      union all
      -- 3: ON INSERT.
      select 'rule', r.rulename, r.ev_class from pg_rewrite r where r.ev_type = '3' and r.ev_enabled <> 'D'
    ) o
    join pg_class c on c.oid = o.relation
    join pg_namespace n on n.oid = c.relnamespace
    where o.relation in (select $1::text::oid union select t.relid from pg_partition_tree($1::text::oid) t)
    order by n.nspname, c.relname, o.name)) as intruders,
  to_json(array(
    select json_build_object('name', a.attname, 'isIdentity', a.attidentity <> '',
      'default', (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d
                  where d.adrelid = a.attrelid and d.adnum = a.attnum))
    from pg_attribute a
    where a.attrelid = $1::text::oid and a.attnum > 0 and not a.attisdropped)) as columns,
  (select json_build_object('value', s.setting, 'source', s.source, 'reset', s.reset_val)
   from pg_settings s where s.name = 'session_replication_role') as replication
