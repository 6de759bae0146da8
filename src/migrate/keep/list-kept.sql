-- What have rollbacks kept that no migration has put back?
select id::text, version, object, shape::text as shape, kept_rows::text as rows
from pgwright.kept_data
where restored_at is null
-- `id` alone would be the text, by which 10 comes before 9.
order by kept_data.id
