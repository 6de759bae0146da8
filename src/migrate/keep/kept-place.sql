-- Is there a schema of ours, and a list of kept data in it, which the role $1 may write? Null is the connected role.
select
  to_regnamespace('pgwright') is not null as "hasSchema",
  to_regclass('pgwright.kept_data') is not null as "hasTable",
  coalesce(has_table_privilege(coalesce($1::name, current_user), to_regclass('pgwright.kept_data'), 'delete'), false) as "mayDelete"
