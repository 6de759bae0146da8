-- Which columns, which key and which sequences has a table?
-- $1 the table, $2 columns that the key must do without, as JSON, $3 pairs (child, parent) that are separated by the time of the loss.
-- Types are written with their schema where they need one.
select
  c.relkind::text as kind,
  -- Rows of children by inheritance would come back as rows of the parent.
  exists (select from pg_inherits i join pg_class child on child.oid = i.inhrelid
          where i.inhparent = c.oid and not child.relispartition) as "hasHeirs",
  -- What its rows go with, and whether that is by way of partitions that are still there; nearest first.
  coalesce((
    with recursive separated as (
      select to_regclass(e->>0)::oid as child, to_regclass(e->>1)::oid as parent from json_array_elements($3::text::json) e
    ), parents (oid, depth, stays) as (
      select c.oid, 0, true
      union all
      select i.inhparent, p.depth + 1,
             p.stays and not exists (select from separated s where s.child = i.inhrelid and s.parent = i.inhparent)
      from parents p join pg_inherits i on i.inhrelid = p.oid
    )
    select json_agg(json_build_object('schema', pn.nspname, 'table', pc.relname, 'kind', pc.relkind, 'stays', p.stays) order by p.depth)
    from parents p join pg_class pc on pc.oid = p.oid join pg_namespace pn on pn.oid = pc.relnamespace
    where p.depth > 0
  ), '[]') as parents,
  coalesce((
    select json_agg(json_build_object(
      'name', a.attname,
      -- With -1, not null: `character` alone would be one of one letter.
      'type', format_type(a.atttypid, -1),
      'isAlways', a.attidentity = 'a',
      'xml', contents.xml,
      'isReferred', exists (select from pg_constraint f where f.contype = 'f' and f.confrelid = c.oid and a.attnum = any (f.confkey)),
      'refers', exists (select from pg_constraint f where f.contype = 'f' and f.conrelid = c.oid and a.attnum = any (f.conkey)),
      'sequence', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname)
    ) order by a.attnum)
    from pg_attribute a
    cross join lateral (
      -- Types that values of this type have in them.
      with recursive part (type) as (
        select a.atttypid
        union
        select inner_type.oid
        from part
        join pg_type t on t.oid = part.type
        cross join lateral (
          select t.typbasetype
          union all select t.typelem where t.typcategory = 'A'
          union all select f.atttypid from pg_attribute f where f.attrelid = t.typrelid and f.attnum > 0 and not f.attisdropped
        ) inner_type (oid)
        where inner_type.oid <> 0
      )
      -- Is there XML, and in what?
      select case
        when not bool_or(t.oid = 'xml'::regtype) then null
        when bool_or(t.typtype = 'c') or count(*) filter (where t.typtype = 'b' and t.typcategory = 'A') > 1 then 'within'
        when bool_or(t.typcategory = 'A') then 'text[]'
        else 'text'
      end as xml
      from part join pg_type t on t.oid = part.type
    ) contents
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  ), '[]') as columns,
  (
    select json_agg(a.attname order by k.place)
    from (
      select i.indkey, i.indnkeyatts
      from pg_index i
      where i.indrelid = c.oid and i.indisunique and i.indisvalid
        and i.indpred is null and i.indexprs is null
        and not exists (
          select from unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
          where k.place <= i.indnkeyatts
            and (not a.attnotnull or a.attname in (select json_array_elements_text($2::text::json))))
      order by i.indisprimary desc, i.indnkeyatts, i.indexrelid
      limit 1
    ) best
    cross join unnest(best.indkey::smallint[]) with ordinality as k (attnum, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where k.place <= best.indnkeyatts
  ) as key,
  -- In what else no two rows may be equal.
  coalesce((
    select json_agg(keys.names)
    from pg_index i
    cross join lateral (
      select json_agg(a.attname order by k.place) as names
      from unnest(i.indkey::smallint[]) with ordinality as k (attnum, place)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
      where k.place <= i.indnkeyatts
    ) keys
    where i.indrelid = c.oid and i.indisunique and i.indisvalid
      and i.indpred is null and i.indexprs is null
  ), '[]') as uniques,
  -- Publications that let no row of it be changed, as there is nothing to tell it by. Those that name it forget it with the table.
  coalesce((
    select json_agg(distinct jsonb_build_object('name', p.pubname, 'isByName', not of_all.is_it))
    from pg_class leaf
    cross join lateral (
      select leaf.oid as relid union select a.relid from pg_partition_ancestors(leaf.oid) a) above
    cross join pg_publication p
    cross join lateral (
      select p.puballtables or exists (
        select from pg_publication_namespace s join pg_class o on o.relnamespace = s.pnnspid
        where s.pnpubid = p.oid and o.oid = above.relid) as is_it) of_all
    where (leaf.oid = c.oid or leaf.oid in (select t.relid from pg_partition_tree(c.oid) t))
      and leaf.relkind = 'r' and leaf.relpersistence = 'p' and p.pubupdate
      and not (leaf.relreplident = 'f'
        or exists (select from pg_index i where i.indrelid = leaf.oid and i.indisvalid
                   and case leaf.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end))
      and (of_all.is_it or exists (select from pg_publication_rel r where r.prpubid = p.oid and r.prrelid = above.relid))
  ), '[]') as publications
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid = $1::regclass
