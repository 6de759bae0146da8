/** What each rule of `indexes list` finds, and what it must not take for a problem. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { follow, sessionOn, statementsOf } from "../support/doctor.ts";
import { findingsOf, list, objectsOf } from "../support/indexes.ts";

test("a duplicate of a constraint's index, and of another one: only one is named", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create schema "My Shop";
    create table "My Shop"."Order" (id int primary key, "e mail" text unique, code text, data jsonb);
    create index "Order mail" on "My Shop"."Order" ("e mail");
    create index code_one on "My Shop"."Order" (code);
    create index code_two on "My Shop"."Order" (code);
    create index code_three on "My Shop"."Order" (code);
    create index lower_one on "My Shop"."Order" (lower(code)) where code <> '';
    create index lower_two on "My Shop"."Order" (lower(code)) where code <> '';
    create index gin_one on "My Shop"."Order" using gin (data);
    create index gin_two on "My Shop"."Order" using gin (data)`);
  const found = await findingsOf(database, "indexes/duplicate");
  expect(found.map(({ object }) => object)).toEqual([
    '"My Shop"."Order mail"',
    '"My Shop".code_three',
    '"My Shop".code_two',
    '"My Shop".gin_two',
    '"My Shop".lower_two',
  ]);
  expect(found[0]).toMatchObject({
    severity: "warning",
    hint: '`DROP INDEX CONCURRENTLY "My Shop"."Order mail";`',
  });
  expect(found[0]?.message).toMatch(
    /^index "My Shop"."Order mail" on "My Shop"."Order" is a duplicate of "My Shop"."Order_e mail_key", that of the constraint "Order_e mail_key": btree \("e mail"\); it takes 8.0 kB$/,
  );
  for (const finding of found) await follow(sql, finding);
  expect(
    (await list(database)).findings.filter(({ rule }) => /duplicate|covered/.test(rule)),
  ).toEqual([]);
});

test("indexes that only look alike are no duplicates and not covered", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`create table t (a text, b text, n int);
    create index plain on t (a);
    create index descending on t (a desc);
    create index nulls_first on t (a nulls first);
    create index pattern on t (a text_pattern_ops);
    create index collated on t (a collate "C");
    create index part on t (a) where n > 0;
    create index other_part on t (a) where n > 1;
    create index expression on t (lower(a));
    create index other_expression on t (upper(a));
    create index hashed on t using hash (a);
    create index brin_small on t using brin (n) with (pages_per_range = 4);
    create index brin_large on t using brin (n) with (pages_per_range = 64)`);
  const { findings } = await list(database);
  expect(findings.filter(({ rule }) => /duplicate|covered/.test(rule))).toEqual([]);
});

test("what uniqueness, identity or order hangs on is never named", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table t (id int not null, a int, b int, c int, d int);
    -- Unique: neither the wider one nor the deferrable constraint enforces the same.
    create unique index a_unique on t (a);
    create index a_wide on t (a, b);
    alter table t add constraint b_late unique (b) deferrable initially deferred;
    create unique index b_now on t (b);
    -- NULLS NOT DISTINCT is stricter.
    create unique index c_loose on t (c);
    create unique index c_strict on t (c) nulls not distinct;
    -- The target of a foreign key.
    create unique index d_target on t (d);
    create unique index d_more on t (d);
    create table ref (d int references t (d));
    create unique index id_identity on t (id);
    create unique index id_more on t (id);
    alter table t replica identity using index id_identity;
    create index clustered on t (b, c);
    create index clustered_wide on t (b, c, d);
    cluster t using clustered`);
  const found = await findingsOf(database, "indexes/duplicate");
  const pairs = found.map(({ object, message }) => [
    object,
    /duplicate of ([\w.]+)/.exec(message)?.[1],
  ]);
  // The foreign key chose one of two equal indexes; whichever it was, the other one may go.
  const [{ target }] = await sql<[{ target: string }]>`
    select conindid::regclass::text as target from pg_constraint where contype = 'f'`;
  const [spare, kept] = target === "d_target" ? ["d_more", "d_target"] : ["d_target", "d_more"];
  expect(pairs).toEqual([
    ["public.c_loose", "public.c_strict"],
    [`public.${spare}`, `public.${kept}`],
    ["public.id_more", "public.id_identity"],
  ]);
  expect(await objectsOf(database, "indexes/covered")).toEqual([]);
  for (const finding of found) await follow(sql, finding);
  await expect(sql`insert into t (id, c) values (1, null), (2, null)`).rejects.toThrow(/c_strict/);
});

test("an index is covered by a wider one that begins with its columns", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table t (a int, b int, c int, d int);
    create index a_only on t (a);
    create index a_with_b on t (a) include (b);
    create index a_b on t (a, b);
    create index a_b_c on t (a, b, c);
    create index b_only on t (b) where d > 0;
    create index b_c on t (b, c) where d > 0;
    create index c_with_d on t (c) include (d);
    create index c_b on t (c, b);
    create index bhash on t using hash (d);
    create index d_a on t (d, a)`);
  const found = await findingsOf(database, "indexes/covered");
  // c_with_d has a column that c_b lacks; a hash index is no btree.
  expect(
    found.map(({ object, message }) => [object, /covered by (\S+),/.exec(message)?.[1]]),
  ).toEqual([
    ["public.a_b", "public.a_b_c"],
    ["public.a_only", "public.a_b_c"],
    ["public.a_with_b", "public.a_b_c"],
    ["public.b_only", "public.b_c"],
  ]);
  // The table is small: without --all nothing is said.
  expect(await objectsOf(database, "indexes/covered", { all: false })).toEqual([]);
  await sql`insert into t select i, i, i, i from generate_series(1, 2000) i`;
  await sql`analyze t`;
  expect(await objectsOf(database, "indexes/covered", { all: false })).toHaveLength(4);
  for (const finding of found) await follow(sql, finding);
  expect(await objectsOf(database, "indexes/covered")).toEqual([]);
});

test("unused only when no query used it, and only with statistics of that age", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table t (id int primary key, used int, idle int, code int unique, ref int references t);
    insert into t select i, i, i, i, null from generate_series(1, 5000) i;
    create index t_used on t (used);
    create index t_idle on t (idle);
    create index t_ref on t (ref);
    analyze t;
    select pg_stat_force_next_flush()`);
  const reader = sessionOn(database);
  await reader.unsafe(
    "set enable_seqscan = off; set enable_bitmapscan = off; select id from t where used = 7",
  );
  await reader.unsafe("select pg_stat_force_next_flush()");
  await reader.end();
  const [finding, ...others] = await findingsOf(database, "indexes/unused", { all: false });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ severity: "info", object: "public.t_idle" });
  expect(finding?.message).toMatch(
    /^index public.t_idle on public.t was not used since the statistics began .* ago, or since it was created: it takes \d+ kB, and 5,000 writes to the table had to maintain it$/,
  );
  expect(finding?.hint).toBe(
    "if no replica uses it either (each counts for itself): `DROP INDEX CONCURRENTLY public.t_idle;`; undo with `CREATE INDEX CONCURRENTLY t_idle ON public.t USING btree (idle);`",
  );
  await sql`select pg_stat_reset()`;
  const young = await list(database, { minAge: 3600 });
  expect(young.statistics.canTellUnused).toBe(false);
  expect(young.statistics.ageSeconds).toBeLessThan(3600);
  expect(young.findings.filter(({ rule }) => rule === "indexes/unused")).toEqual([]);
  await sql.unsafe(`alter database "${database.name}" set track_counts = off`);
  const blind = await list(database);
  expect(blind.statistics).toMatchObject({ isCounting: false, canTellUnused: false });
  expect(blind.findings.filter(({ rule }) => rule === "indexes/unused")).toEqual([]);
});

test("a foreign key needs an index whose first columns are its own, in any order", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create schema "My Shop";
    create table parent (a int, b int, c text, primary key (a, b), unique (c));
    create table "My Shop"."Child" (
      id int primary key, "A" int, b int,
      constraint "to parent" foreign key ("A", b) references parent on delete cascade);
    create table reversed (a int, b int, x int, foreign key (a, b) references parent);
    create index on reversed (b, a, x);
    create table too_late (a int, b int, x int, foreign key (a, b) references parent);
    create index on too_late (a, x, b);
    create table half (a int, b int, foreign key (a, b) references parent);
    create index on half (a);
    create table partial (a int, b int, live bool, foreign key (a, b) references parent);
    create index on partial (a, b) where live;
    create table filled (a int, b int, foreign key (a, b) references parent);
    create index on filled (a, b) where a is not null and b is not null;
    create table other_null (a int, b int, x int, foreign key (a, b) references parent);
    create index on other_null (a, b) where x is not null;
    create table ordered (c text references parent (c));
    create index on ordered (c desc);
    create table patterned (c text references parent (c));
    create index on patterned (c text_pattern_ops);
    create table hashed (c text references parent (c));
    create index on hashed using hash (c);
    create table brinned (c text references parent (c));
    create index on brinned using brin (c);
    create table collated (c text references parent (c));
    create index on collated (c collate "C");
    create table by_unique (c text references parent (c), n int, unique (c, n))`);
  const found = await findingsOf(database, "indexes/foreign-key");
  expect(found.map(({ object }) => object)).toEqual([
    '"My Shop"."Child"."to parent"',
    "public.brinned.brinned_c_fkey",
    "public.collated.collated_c_fkey",
    "public.half.half_a_b_fkey",
    "public.other_null.other_null_a_b_fkey",
    "public.partial.partial_a_b_fkey",
    "public.too_late.too_late_a_b_fkey",
  ]);
  expect(found[0]).toEqual({
    rule: "indexes/foreign-key",
    severity: "info",
    object: '"My Shop"."Child"."to parent"',
    message:
      'the foreign key "to parent" ("A", b) of "My Shop"."Child" has no index: each delete from public.parent reads all of its rows to delete those that follow',
    hint: '`CREATE INDEX CONCURRENTLY "Child_A_b_idx" ON "My Shop"."Child" ("A", b);`',
  });
  for (const finding of found) await follow(sql, finding);
  expect(await objectsOf(database, "indexes/foreign-key")).toEqual([]);
});

test("a foreign key of a large table is a warning, one of a small table is passed over", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table parent (id int primary key);
    insert into parent values (1);
    create table small (p int references parent); insert into small select 1 from generate_series(1, 10);
    create table large (p int references parent); insert into large select 1 from generate_series(1, 20000);
    create table fresh (p int references parent);
    analyze`);
  const found = await findingsOf(database, "indexes/foreign-key", { all: false });
  expect(found.map(({ object, severity }) => [object, severity])).toEqual([
    ["public.large.large_p_fkey", "warning"],
    ["public.fresh.fresh_p_fkey", "info"],
  ]);
  expect(found[0]?.message).toContain("reads its 20,000 rows");
});

test("an index that is invalid, or being repaired, is not advised a second time", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table parent (id int primary key); insert into parent values (1);
    create table child (p int references parent); insert into child values (1), (1)`);
  await expect(sql.unsafe("create unique index concurrently child_p on child (p)")).rejects.toThrow(
    /could not create unique/,
  );
  const { findings } = await list(database);
  expect(findings.map(({ rule, object }) => [rule, object])).toEqual([
    ["indexes/invalid", "public.child_p"],
  ]);
  expect(findings[0]?.hint).toMatch(/^`pgwright indexes repair` does it; by hand: `REINDEX/);
});

test("a boolean alone: by the shares of its values, and never without statistics", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table t (even bool, rare bool, never bool, mostly_null bool, n int)
      with (autovacuum_enabled = off);
    create index t_even on t (even);
    create index t_rare on t (rare);
    create index t_never on t (never);
    create index t_mostly_null on t (mostly_null);
    create index t_both on t (n, even);
    create index t_part on t (rare) where rare;
    insert into t select i % 2 = 0, i % 50 = 0, false, case when i % 50 = 0 then true end, i
    from generate_series(1, 5000) i`);
  expect(await objectsOf(database, "indexes/boolean")).toEqual([]);
  await sql`analyze t`;
  const found = await findingsOf(database, "indexes/boolean", { all: false });
  expect(found.map(({ object }) => object)).toEqual([
    "public.t_even",
    "public.t_never",
    "public.t_rare",
  ]);
  expect(found[0]?.message).toMatch(
    /^index public.t_even on public.t has only the boolean even, which is true in 50 %, false in 50 % of the rows: reading the table in order is as fast/,
  );
  expect(statementsOf(found[0])[0]).toBe("DROP INDEX CONCURRENTLY public.t_even;");
  expect(found[2]?.hint).toContain("`CREATE INDEX CONCURRENTLY … ON public.t (…) WHERE rare`");
});

test("a partitioned table is judged as one", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table parent (id int primary key);
    create table p (a int, b bool, c int references parent, d int references parent) partition by range (a);
    create table p_one partition of p for values from (0) to (1000) partition by range (a);
    create table p_one_low partition of p_one for values from (0) to (500);
    create table p_two partition of p for values from (1000) to (9000);
    create index p_a on p (a);
    create index p_a_c on p (a, c);
    create index p_b on p (b);
    create index p_c on p (c);
    create index two_c on p_two (c);
    create index low_d on p_one_low (d);
    insert into parent values (1);
    insert into p select i, i % 2 = 0, 1, 1 from generate_series(0, 499) i;
    insert into p select i, i % 2 = 0, 1, 1 from generate_series(1000, 6000) i;
    analyze p;
    select pg_stat_force_next_flush()`);
  const { findings, indexes } = await list(database, { all: false });
  expect(findings.map(({ rule, object }) => [rule, object])).toEqual([
    ["indexes/duplicate", "public.two_c"],
    ["indexes/foreign-key", "public.p.p_d_fkey"],
    ["indexes/covered", "public.p_a"],
    ["indexes/unused", "public.p_a_c"],
    ["indexes/unused", "public.p_b"],
    ["indexes/boolean", "public.p_b"],
  ]);
  const byRule = (rule: string) => findings.find((finding) => finding.rule === rule);
  expect(byRule("indexes/duplicate")?.message).toContain("is a duplicate of public.p_two_c_idx");
  expect(byRule("indexes/foreign-key")).toMatchObject({ severity: "info" });
  expect(byRule("indexes/foreign-key")?.message).toContain(
    "has no index on public.p_two: each delete",
  );
  expect(byRule("indexes/covered")?.hint).toBe(
    "`SET lock_timeout = '1s';` `DROP INDEX public.p_a;` (partitioned: it has no CONCURRENTLY, and briefly locks public.p with its partitions)",
  );
  expect(byRule("indexes/covered")?.message).toContain(
    "and 5,501 writes to the table had to maintain it",
  );
  expect(indexes.map(({ index, kind }) => [index, kind])).toEqual([
    ["public.p_a", "index, partitioned"],
    ["public.p_a_c", "index, partitioned"],
    ["public.p_b", "index, partitioned"],
    ["public.p_c", "index, partitioned"],
    ["public.low_d", "index"],
    ["public.two_c", "index"],
    ["public.parent_pkey", "primary key"],
  ]);
});

test("a table that is locked exclusively is passed over, and said so; the others are looked at", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`create table "Locked" (a int primary key, b int references "Locked");
    create table seen (a int primary key);
    create table p (a int primary key) partition by range (a);
    create table p_one partition of p for values from (0) to (1)`);
  const locker = sessionOn(database);
  await locker.unsafe(`begin; lock table "Locked"; lock table p_one`);
  const report = await list(database);
  expect(report.indexes.map(({ index }) => index)).toEqual(["public.seen_pkey"]);
  expect(report.findings.map(({ rule, object }) => [rule, object])).toEqual([
    ["indexes/cannot-look", 'public."Locked"'],
    ["indexes/cannot-look", "public.p"],
    ["indexes/cannot-look", "public.p_one"],
  ]);
  await locker.unsafe("rollback");
  await locker.end();
  const after = await list(database);
  expect(after.indexes).toHaveLength(4);
  expect(after.findings.map(({ rule }) => rule)).toEqual(["indexes/foreign-key"]);
});

test("only one table, only one schema, and none of the ledger's", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`create schema "My Shop";
    create table "My Shop"."Order" (id int primary key);
    create table t (id int primary key);
    create table pgwright_migrations (id int primary key);
    create table pgwright_migrations_log (id int primary key);
    create schema pgwright; create table pgwright.state (id int primary key)`);
  const names = async (options: Parameters<typeof list>[1]) =>
    (await list(database, options)).indexes.map(({ index }) => index);
  expect(await names({})).toEqual(['"My Shop"."Order_pkey"', "public.t_pkey"]);
  expect(await names({ table: "t" })).toEqual(["public.t_pkey"]);
  expect(await names({ table: '"My Shop"."Order"' })).toEqual(['"My Shop"."Order_pkey"']);
  expect(await names({ schema: "My Shop" })).toEqual(['"My Shop"."Order_pkey"']);
  for (const wrong of [{ table: "x" }, { table: "t_pkey" }, { schema: "shop" }]) {
    await expect(list(database, wrong)).rejects.toMatchObject({ code: "relation-unknown" });
  }
});
