-- What have rollbacks under the ledger $1 kept that no migration has put back? Are the tables still there, and the role $2's?
select d.id::text, d.version, d.file, d.object, d.shape::text as shape, d.kept_rows::text as rows,
       to_jsonb(d) ->> 'checksum' as checksum,
       to_jsonb(d) ->> 'ledger' is not null as "isOfLedger",
       d.id < 0 or c.oid is not null as "isThere",
       d.id < 0 or coalesce(pg_has_role(coalesce($2::name, current_user), c.relowner, 'usage'), true) as "isOwn"
from pgwright.kept_data d
left join pg_class c on c.relnamespace = 'pgwright'::regnamespace and c.relname = format('kept_%s', d.id)
where d.restored_at is null and coalesce(to_jsonb(d) ->> 'ledger', $1::text) = $1::text
-- `id` alone would be the text, by which 10 comes before 9.
order by d.id
