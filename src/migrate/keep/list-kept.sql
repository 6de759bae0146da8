-- What have rollbacks kept that no migration has put back, and are the tables still there?
select id::text, version, file, object, shape::text as shape, kept_rows::text as rows,
       id < 0 or to_regclass(format('pgwright.kept_%s', id)) is not null as "isThere"
from pgwright.kept_data
where restored_at is null
-- `id` alone would be the text, by which 10 comes before 9.
order by kept_data.id
