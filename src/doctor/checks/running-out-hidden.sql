-- How many sequences may this role not read?
select count(*)::int as hidden
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_'
  and not has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')
