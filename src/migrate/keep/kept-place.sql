-- Is there a schema of ours, and a list of kept data in it?
select
  to_regnamespace('pgwright') is not null as "hasSchema",
  to_regclass('pgwright.kept_data') is not null as "hasTable"
