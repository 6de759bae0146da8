-- Which publications would send what is kept in the schema pgwright to subscribers, and is there anybody they go to?
select
  coalesce((
    select json_agg(p.pubname order by p.pubname) from pg_publication p
    where p.puballtables or exists (
      select from pg_publication_namespace n where n.pnpubid = p.oid and n.pnnspid = to_regnamespace('pgwright'))
  ), '[]') as publications,
  exists (select from pg_replication_slots s where s.slot_type = 'logical' and s.database = current_database()) as "hasSubscribers"
