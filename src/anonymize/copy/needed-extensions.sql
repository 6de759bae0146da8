-- Which extensions does this database use?
select extname as name from pg_extension where extname <> 'plpgsql' order by 1
