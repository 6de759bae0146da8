-- May the role $1 keep the ledger $2 and its log $3?
select has_schema_privilege($1::text, (select relnamespace from pg_class where oid = to_regclass($2)), 'USAGE')
   and has_table_privilege($1::text, to_regclass($2), 'SELECT')
   and has_table_privilege($1::text, to_regclass($2), 'INSERT')
   and has_table_privilege($1::text, to_regclass($2), 'UPDATE')
   and has_table_privilege($1::text, to_regclass($2), 'DELETE')
   and has_table_privilege($1::text, to_regclass($3), 'SELECT')
   and has_table_privilege($1::text, to_regclass($3), 'INSERT') as granted
