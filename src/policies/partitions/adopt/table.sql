-- What is there to know about a table before it becomes a partition?
-- $1 its name as SQL. Arrays come as JSON.
select
  c.oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
  c.relpersistence::text as persistence,
  c.relispartition as "isPartition",
  pg_get_userbyid(c.relowner) as owner,
  c.reloftype <> 0 as "isTyped",
  c.relreplident::text as "replicaIdentity",
  c.relrowsecurity as "hasRowSecurity",
  c.relforcerowsecurity as "forcesRowSecurity",
  (select s.spcname from pg_tablespace s where s.oid = c.reltablespace) as tablespace,
  (select format('extension %s', quote_ident(x.extname)) from pg_depend d
   join pg_extension x on x.oid = d.refobjid
   where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') as extension,
  (select coalesce(json_agg(case when i.inhrelid = c.oid
      then format('it inherits from %s', i.inhparent::regclass)
      else format('%s inherits from it', i.inhrelid::regclass) end), '[]')
   from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) as inheritance,
  (select coalesce(json_agg(quote_ident(r.rulename) order by r.rulename), '[]')
   from pg_rewrite r where r.ev_class = c.oid) as rules,
  (select coalesce(json_agg(p.pubname order by p.pubname), '[]') from pg_publication p
   where exists (select from pg_publication_rel r where r.prpubid = p.oid and r.prrelid = c.oid))
    as publications,
  (select coalesce(json_agg(p.pubname order by p.pubname), '[]') from pg_publication p
   where not p.pubviaroot and (p.puballtables or exists (
     select from pg_publication_namespace s
     where s.pnpubid = p.oid and s.pnnspid = c.relnamespace))) as "leafPublications",
  exists (select from pg_subscription_rel s where s.srrelid = c.oid) as "isSubscribed",
  exists (select from pg_seclabel l
    where l.classoid = 'pg_class'::regclass and l.objoid = c.oid) as "hasSecurityLabel",
  (select coalesce(json_agg(json_build_object(
      'oid', t.oid::int8, 'name', t.tgname,
      'isForEachRow', (t.tgtype & 1) = 1,
      'isBeforeRow', (t.tgtype & 3) = 3,
      'isConstraint', t.tgconstraint <> 0,
      'hasTransition', t.tgoldtable is not null or t.tgnewtable is not null)
      order by t.tgname), '[]')
   from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal) as triggers,
  (select coalesce(json_agg(json_build_object('oid', p.oid::int8, 'name', p.polname)
      order by p.polname), '[]')
   from pg_policy p where p.polrelid = c.oid) as policies,
  (select coalesce(json_agg(json_build_object(
      'oid', s.oid::int8, 'schema', sn.nspname, 'name', s.stxname) order by s.stxname), '[]')
   from pg_statistic_ext s join pg_namespace sn on sn.oid = s.stxnamespace
   where s.stxrelid = c.oid) as statistics,
  (select coalesce(json_agg(json_build_object(
      'name', i.indexrelid::regclass, 'oid', i.indexrelid::int8,
      'isUnique', i.indisunique, 'isExclusion', i.indisexclusion,
      'isValid', i.indisvalid and i.indisready and i.indislive,
      'isImmediate', i.indimmediate,
      -- The partition key must be among the key columns, as a column and not in an expression.
      'columns', (select json_agg(a.attname order by k.place)
        from unnest(i.indkey) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
        where k.place <= i.indnkeyatts),
      'isPlain', i.indpred is null and i.indexprs is null,
      'included', (select json_agg(a.attname order by k.place)
        from unnest(i.indkey) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
        where k.place > i.indnkeyatts)) order by i.indexrelid), '[]')
   from pg_index i where i.indrelid = c.oid) as indexes,
  (select coalesce(json_agg(json_build_object(
      'name', k.conname, 'table', k.conrelid::regclass, 'oid', k.oid::int8,
      'isOwn', k.conrelid = c.oid,
      'isPartitioned', r.relkind = 'p', 'isPartition', r.relispartition,
      'isValid', k.convalidated,
      'definition', pg_get_constraintdef(k.oid),
      'comment', obj_description(k.oid, 'pg_constraint'),
      'columns', (select json_agg(a.attname order by f.place)
        from unnest(k.confkey) with ordinality f (number, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = f.number),
      'referencing', (select json_agg(a.attname order by f.place)
        from unnest(k.conkey) with ordinality f (number, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = f.number))
      order by k.conrelid::regclass::text, k.conname), '[]')
   from pg_constraint k join pg_class r on r.oid = k.conrelid
   where k.contype = 'f' and k.confrelid = c.oid and k.conparentid = 0) as incoming,
  (select coalesce(json_agg(distinct k.confrelid::regclass), '[]')
   from pg_constraint k join pg_class r on r.oid = k.confrelid
   where k.contype = 'f' and k.conrelid = c.oid and k.confrelid <> c.oid
     and r.relowner = c.relowner) as referenced
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass($1)
