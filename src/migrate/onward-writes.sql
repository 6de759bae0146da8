-- Which writes does one of this kind ($2: 2 UPDATE, 3 INSERT, 4 DELETE) to the table or view $1 bring about?
-- $3: JSON array of the columns that an UPDATE changes, null for all. Foreign keys delete or change what refers
-- to the rows; a view without a rule or trigger in place of the write passes it on to what it is made of.
select format('%I.%I', n.nspname, c.relname) as object, c.relname as name, x.type,
       to_json(x.columns) as columns, null::text as definition
from (
  select k.conrelid, case when $2::text = '4' and k.confdeltype = 'c' then '4' else '2' end as type,
         case when $2::text = '4' and k.confdeltype = 'c' then null
              else array(select a.attname::text from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) end as columns
  from pg_constraint k
  left join pg_constraint p on p.oid = k.conparentid
  where k.contype = 'f' and k.confrelid = $1::regclass
    -- What is done to a partitioned table that refers is done by its own name.
    and (p.oid is null or p.conrelid = k.conrelid)
    and case $2::text
      when '4' then k.confdeltype in ('c', 'n', 'd')
      when '2' then k.confupdtype in ('c', 'n', 'd') and ($3::text is null or exists (
        select from pg_attribute a where a.attrelid = k.confrelid and a.attnum = any (k.confkey)
          and a.attname in (select value from json_array_elements_text($3::text::json))))
      else false end
) x
join pg_class c on c.oid = x.conrelid
join pg_namespace n on n.oid = c.relnamespace
union all
select null, null, $2::text, null, pg_get_viewdef(v.oid)
from pg_class v
where v.oid = $1::regclass and v.relkind = 'v'
  and not exists (select from pg_rewrite r where r.ev_class = v.oid and r.ev_type::text = $2::text and r.is_instead
    and r.ev_enabled in ('O', 'A') and r.ev_qual = '<>')
  and not exists (select from pg_trigger g where g.tgrelid = v.oid and g.tgtype & 64 <> 0
    and g.tgtype & case $2::text when '2' then 16 when '3' then 4 else 8 end <> 0)
order by 1, 3
