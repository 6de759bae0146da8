-- What do materialized views read ($1: one of them by its oid, null is all), and in which state is that now?
with /* pgwright insight */ recursive reads (matview, relation, reader) as (
  -- The reader is the role whose rights and row level security count: REFRESH runs as the view's owner.
  select oid, oid, relowner from pg_class
  where relkind = 'm' and ($1::text is null or oid = $1::text::oid)
  union
  select r.matview, t.oid,
         case when s.relkind = 'v' and not coalesce((
           select o.option_value::boolean from pg_options_to_table(s.reloptions) o
           where o.option_name = 'security_invoker'), false) then s.relowner else r.reader end
  from reads r
  join pg_class s on s.oid = r.relation
  join pg_rewrite w on w.ev_class = s.oid and w.ev_type = '1'
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> s.oid
  join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  -- What another materialized view holds is read as stored.
  where s.relkind = 'v' or s.oid = r.matview
), rules as (
  select r.matview, w.ev_class, w.ev_action::text as action
  from (select distinct matview, relation from reads) r
  join pg_class c on c.oid = r.relation and (c.relkind = 'v' or c.oid = r.matview)
  join pg_rewrite w on w.ev_class = c.oid and w.ev_type = '1'
), functions as (
  -- The stored tree names functions by oid, also those behind operators and casts; the text of the view
  -- would leave open which of several is meant, and pg_depend leaves out the built-in ones. Names that
  -- somebody gave stand in it with blanks and braces escaped, constants as bytes: neither looks like this.
  select distinct r.matview, p.oid, p.proname, p.provolatile, p.pronamespace, p.prosrc, p.prosqlbody, p.pronargs
  from rules r
  cross join regexp_matches(r.action, ':(?:funcid|opfuncid|aggfnoid|winfnoid) ([1-9][0-9]*)', 'g') f
  join pg_proc p on p.oid = f[1]::oid
), restless as (
  select matview, 'calls ' || case when pronamespace = 'pg_catalog'::regnamespace then proname
                                   else oid::regproc::text end || '()' as why
  from functions
  where provolatile = 'v'
     or (provolatile = 's' and not (
           -- These depend on their arguments and on settings, which are compared too.
           pronamespace = 'pg_catalog'::regnamespace
           and (proname in ('textanycat', 'anytextcat', 'concat', 'concat_ws', 'format', 'array_to_string',
                            'to_json', 'to_jsonb', 'row_to_json', 'array_to_json', 'json_agg', 'jsonb_agg', 'json_object_agg', 'jsonb_object_agg',
                            'json_build_object', 'jsonb_build_object', 'json_build_array', 'jsonb_build_array',
                            'to_char', 'to_date', 'to_timestamp', 'date_trunc', 'date_part', 'extract', 'timezone',
                            'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'generate_series', 'to_tsvector')
                or proname ~ '(^|_)timestamptz(_|$)'
                or (proname = 'age' and pronargs = 2))))
  union
  select matview, 'uses CURRENT_DATE, CURRENT_USER or the like' from rules where action ~ '[{]SQLVALUEFUNCTION '
  union
  select matview, 'takes a random sample' from rules where action ~ '[{]TABLESAMPLECLAUSE '
  union
  -- Dependencies on built-in relations are not recorded, and what stands in them has no counters of rows.
  select matview, 'reads the system catalog' from rules
  where exists (select from regexp_matches(action, ':relid ([1-9][0-9]*)', 'g') f where f[1]::oid < 16384)
  union
  select r.matview, 'reads foreign table ' || c.oid::regclass
  from reads r join pg_class c on c.oid = r.relation and c.relkind = 'f'
  union
  select r.matview, 'reads sequence ' || c.oid::regclass
  from reads r join pg_class c on c.oid = r.relation and c.relkind = 'S'
), stored (matview, root, oid) as (
  select distinct r.matview, c.oid, c.oid from reads r
  join pg_class c on c.oid = r.relation and (c.relkind in ('r', 'p') or (c.relkind = 'm' and c.oid <> r.matview))
  union
  select s.matview, s.root, i.inhrelid from stored s join pg_inherits i on i.inhparent = s.oid
), counted as (
  -- Counters only grow until they are reset; TRUNCATE and rewrites give another file.
  select s.matview, s.root,
         md5(string_agg(c.oid || ':' || coalesce(pg_relation_filenode(c.oid)::text, ''), ',' order by c.oid)) as files,
         sum(pg_stat_get_tuples_inserted(c.oid)) as inserted,
         sum(pg_stat_get_tuples_updated(c.oid)) as updated,
         sum(pg_stat_get_tuples_deleted(c.oid)) as deleted
  from stored s join pg_class c on c.oid = s.oid
  group by s.matview, s.root
), edges as (
  -- Each of these is gathered once for all views: asked for each view alone, it would be read as often.
  select e.matview, json_agg(distinct jsonb_build_object('from', e.ev_class::text, 'to', c.oid::text,
           'name', format('%I.%I', n.nspname, c.relname), 'kind', c.relkind)) as found
  from rules e
  join pg_rewrite w on w.ev_class = e.ev_class and w.ev_type = '1'
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> e.ev_class
  join pg_class c on c.oid = d.refobjid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  join pg_namespace n on n.oid = c.relnamespace
  group by 1
), reasons as (
  select matview, json_agg(distinct why) as found from restless group by 1
), bodies as (
  select matview, string_agg(oid || prosrc || coalesce(prosqlbody::text, ''), E'\n' order by oid) as text,
         json_agg(distinct oid::regproc::text) filter (where provolatile <> 'i') as unseen
  from functions where oid >= 16384 group by 1
), hidden as (
  -- check_enable_rls() of the server.
  select r.matview, json_agg(distinct jsonb_build_object(
           'table', format('%I.%I', n.nspname, t.relname), 'reader', o.rolname)) as found
  from reads r
  join pg_class t on t.oid = r.relation and t.relkind in ('r', 'p') and t.relrowsecurity
  join pg_namespace n on n.oid = t.relnamespace
  join pg_roles o on o.oid = r.reader
  where not o.rolsuper and not o.rolbypassrls
    and (t.relforcerowsecurity or not pg_has_role(o.oid, t.relowner, 'USAGE'))
  group by 1
), definitions as (
  select matview, string_agg(action, E'\n' order by ev_class) as text from rules group by 1
), states as (
  select x.matview, json_object_agg(
           format('%I.%I', n.nspname, c.relname), json_build_array(files, inserted, updated, deleted)
           order by n.nspname, c.relname) as found
  from counted x
  join pg_class c on c.oid = x.root
  join pg_namespace n on n.oid = c.relnamespace
  group by 1
)
select m.oid::text as oid,
       coalesce(edges.found, '[]'::json) as edges,
       coalesce(reasons.found, '[]'::json) as restless,
       coalesce(bodies.unseen, '[]'::json) as "unseenBehind",
       coalesce(hidden.found, '[]'::json) as "hiddenRows",
       json_build_object(
         -- A reset of counters changes the first; after a crash, which loses them, the second is new.
         'epoch', (select concat_ws('|', d.datid, d.stats_reset, a.stats_reset)
                   from pg_stat_database d, pg_stat_archiver a where d.datname = current_database()),
         'settings', (select string_agg(name || '=' || current_setting(name), ' ')
                      from unnest(array['TimeZone', 'DateStyle', 'IntervalStyle', 'extra_float_digits', 'bytea_output',
                        'lc_time', 'lc_numeric', 'lc_monetary', 'default_text_search_config']) name),
         'definition', md5(definitions.text || coalesce(bodies.text, '')),
         'relations', coalesce(states.found, '{}'::json)) as fingerprint,
       current_setting('track_counts')::boolean as "isCounting"
from (select distinct matview as oid from reads) m
left join edges on edges.matview = m.oid
left join reasons on reasons.matview = m.oid
left join bodies on bodies.matview = m.oid
left join hidden on hidden.matview = m.oid
left join definitions on definitions.matview = m.oid
left join states on states.matview = m.oid
