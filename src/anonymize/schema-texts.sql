-- Which texts does the schema hold? Those that a report names are no extension's and none of ours,
-- and stand where they were written, not where they were inherited.
with own as (
  select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),
relation as (
  select c.*, o.nspname from pg_class c join own o on o.oid = c.relnamespace
),
found (kind, name, text, class, object, schema, is_own) as (
  select 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description, d.classoid, d.objoid,
    coalesce(
      (select c.relnamespace::regnamespace::text from pg_class c where d.classoid = 'pg_class'::regclass and c.oid = d.objoid),
      (select p.pronamespace::regnamespace::text from pg_proc p where d.classoid = 'pg_proc'::regclass and p.oid = d.objoid),
      (select t.typnamespace::regnamespace::text from pg_type t where d.classoid = 'pg_type'::regclass and t.oid = d.objoid),
      (select n.nspname::text from pg_namespace n where d.classoid = 'pg_namespace'::regclass and n.oid = d.objoid)),
    d.objoid >= 16384 or d.description <> 'standard public schema'
  from pg_description d
  where d.objoid >= 16384 or d.classoid = 'pg_namespace'::regclass and d.objoid in (select oid from own)
  union all
  select 'default', format('%s.%I', d.adrelid::regclass, a.attname), pg_get_expr(d.adbin, d.adrelid),
    'pg_class'::regclass, c.oid, c.nspname, pg_get_expr(d.adbin, d.adrelid) !~ '^nextval\('
  from pg_attrdef d
  join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  join relation c on c.oid = d.adrelid
  union all
  select 'default', t.oid::regtype::text, coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
    'pg_type'::regclass, t.oid, o.nspname, true
  from pg_type t join own o on o.oid = t.typnamespace
  where t.typdefault is not null
  union all
  select 'constraint', format('%s of %s', k.conname, coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text)),
    pg_get_constraintdef(k.oid), case when k.conrelid = 0 then 'pg_type'::regclass else 'pg_class' end,
    case when k.conrelid = 0 then k.contypid else k.conrelid end, o.nspname, k.coninhcount = 0
  from pg_constraint k join own o on o.oid = k.connamespace
  where k.contype in ('c', 'x')
  union all
  select 'index', c.oid::regclass::text,
    concat_ws(' ', pg_get_expr(x.indexprs, x.indrelid), pg_get_expr(x.indpred, x.indrelid)),
    'pg_class'::regclass, x.indrelid, c.nspname,
    not c.relispartition and not exists (select from pg_constraint k where k.conindid = c.oid and k.contype = 'x')
  from pg_index x join relation c on c.oid = x.indexrelid
  where x.indexprs is not null or x.indpred is not null
  union all
  select 'partition bound', c.oid::regclass::text, pg_get_expr(c.relpartbound, c.oid), 'pg_class'::regclass, c.oid, c.nspname, true
  from relation c where c.relpartbound is not null
  union all
  select 'partition key', c.oid::regclass::text, pg_get_partkeydef(c.oid), 'pg_class'::regclass, c.oid, c.nspname, true
  from relation c where c.relkind = 'p'
  union all
  select 'view', c.oid::regclass::text, pg_get_viewdef(c.oid), 'pg_class'::regclass, c.oid, c.nspname, true
  from relation c where c.relkind in ('v', 'm')
  union all
  select 'function', p.oid::regprocedure::text,
    case when p.prokind = 'a' then (select quote_literal(g.agginitval) from pg_aggregate g where g.aggfnoid = p.oid)
         else pg_get_functiondef(p.oid) end,
    'pg_proc'::regclass, p.oid, o.nspname, true
  from pg_proc p join own o on o.oid = p.pronamespace
  union all
  select 'trigger', format('%s on %s', t.tgname, t.tgrelid::regclass), pg_get_triggerdef(t.oid),
    'pg_class'::regclass, c.oid, c.nspname, t.tgparentid = 0
  from pg_trigger t join relation c on c.oid = t.tgrelid
  where not t.tgisinternal
  union all
  select 'rule', format('%s on %s', r.rulename, r.ev_class::regclass), pg_get_ruledef(r.oid),
    'pg_class'::regclass, c.oid, c.nspname, true
  from pg_rewrite r join relation c on c.oid = r.ev_class
  where r.rulename <> '_RETURN'
  union all
  select 'policy', format('%s on %s', p.polname, p.polrelid::regclass),
    concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)),
    'pg_class'::regclass, c.oid, c.nspname, true
  from pg_policy p join relation c on c.oid = p.polrelid
  union all
  select 'enum label', e.enumtypid::regtype::text, e.enumlabel, 'pg_type'::regclass, t.oid, o.nspname, true
  from pg_enum e
  join pg_type t on t.oid = e.enumtypid
  join own o on o.oid = t.typnamespace
  union all
  select 'publication', format('%s for %s', p.pubname, r.prrelid::regclass), pg_get_expr(r.prqual, r.prrelid),
    'pg_class'::regclass, c.oid, c.nspname, true
  from pg_publication_rel r
  join pg_publication p on p.oid = r.prpubid
  join relation c on c.oid = r.prrelid
  where r.prqual is not null
  union all
  select 'statistics object', format('%I.%I', o.nspname, s.stxname), pg_get_statisticsobjdef(s.oid),
    'pg_class'::regclass, s.stxrelid, o.nspname, true
  from pg_statistic_ext s join own o on o.oid = s.stxnamespace
  union all
  select 'dictionary', d.oid::regdictionary::text, d.dictinitoption, 'pg_ts_dict'::regclass, d.oid, o.nspname, true
  from pg_ts_dict d join own o on o.oid = d.dictnamespace
)
select kind, name, text,
  is_own and schema is distinct from 'pgwright' and not exists (
    select from pg_depend e where e.classid = class and e.objid = object and e.deptype = 'e') as "isNamed"
from found
where text is not null
