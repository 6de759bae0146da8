-- Deletes snapshots beyond the newest ($1, null is no limit) and those that are too old ($2, an interval or null).
delete /* pgwright insight */ from pgwright.query_snapshots s
where (select count(*) from pgwright.query_snapshots n
       where (n.taken_at, n.id) > (s.taken_at, s.id)) >= $1::text::bigint
   or s.taken_at < now() - $2::text::interval
returning id::text
