-- Is $2 a partition of $1, and was its detaching begun and not finished?
select to_regclass($1) is not null and to_regclass($2) is not null as "bothExist",
       (select inhdetachpending from pg_inherits
        where inhparent = to_regclass($1) and inhrelid = to_regclass($2)) as pending
