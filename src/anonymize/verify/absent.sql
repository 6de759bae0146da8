-- How much does the database hold that is no row and no text of its catalog?
select
  (select count(*)::float8 from pg_largeobject_metadata) as "largeObjects",
  (select count(*)::float8 from pg_foreign_table) as "foreignTables"
