/** `indexes repair` against what failed, killed and running builds leave. */
import { expect, test } from "vitest";
import { PgwrightError } from "../../src/errors.ts";
import { urlOf, withDatabase, type TestDatabase } from "../support/database.ts";
import { interruptWhen, sessionOn, withRole } from "../support/doctor.ts";
import { eventually } from "../support/eventually.ts";
import { findingsOf, list, repair } from "../support/indexes.ts";

/** Statements that ran, or would run. */
const statements = (result: Awaited<ReturnType<typeof repair>>) =>
  result.steps.flatMap(({ sql }) => sql);

async function invalidIn({ sql }: TestDatabase): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select indexrelid::regclass::text as name from pg_index where not indisvalid order by 1`;
  return rows.map(({ name }) => name);
}

/** Leaves what a backend leaves that dies while it rebuilds: copies named `…_ccnew`. */
async function interruptReindex(database: TestDatabase, statement: string): Promise<void> {
  const reader = sessionOn(database);
  await reader.unsafe("begin isolation level repeatable read; select 1");
  await interruptWhen(
    database,
    statement,
    `select from pg_stat_progress_create_index
     where datname = current_database() and phase = 'waiting for old snapshots'`,
  );
  await reader.unsafe("rollback");
  await reader.end();
}

test("an invalid index is rebuilt, a copy of a rebuild dropped; a second run finds nothing", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create schema "My Shop"; create table "My Shop"."Order" (code text, n int);
    create table plain (a int);
    create index a_ccnew on plain (a);
    insert into "My Shop"."Order" values ('a', 1), ('a', 2)`);
  await expect(
    sql.unsafe(`create unique index concurrently "Code!" on "My Shop"."Order" (code)`),
  ).rejects.toThrow(/could not create unique index/);
  await sql.unsafe(`update "My Shop"."Order" set code = 'b' where n = 2;
    create index "Number" on "My Shop"."Order" (n)`);
  await interruptReindex(database, `reindex index concurrently "My Shop"."Number"`);
  expect(await invalidIn(database)).toEqual(['"My Shop"."Code!"', '"My Shop"."Number_ccnew"']);

  const expected = [
    'DROP INDEX CONCURRENTLY "My Shop"."Number_ccnew"',
    'REINDEX INDEX CONCURRENTLY "My Shop"."Code!"',
  ];
  const planned = await repair(database, { dryRun: true });
  expect(statements(planned)).toEqual(expected);
  expect(planned.sql)
    .toBe(`-- "My Shop"."Number_ccnew": an interrupted REINDEX CONCURRENTLY of "My Shop"."Number" left it behind
${expected[0]};

-- "My Shop"."Code!": it is invalid: a concurrent build of it failed
${expected[1]};`);
  expect(await invalidIn(database)).toHaveLength(2);

  const result = await repair(database);
  expect(statements(result)).toEqual(expected);
  expect(result.findings).toEqual([]);
  expect(await invalidIn(database)).toEqual([]);
  expect(await repair(database)).toMatchObject({ steps: [], findings: [] });
  // An index of that name which is valid is somebody's own. The ledger is not made.
  expect(
    await sql`select to_regclass('a_ccnew') is not null as own,
      to_regclass('pgwright_migrations') is null as clean`,
  ).toEqual([{ own: true, clean: true }]);
});

test("an invalid index that is only named like a copy is rebuilt, not dropped", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int); insert into t values (1), (1)");
  await expect(sql.unsafe("create unique index concurrently t_ccnew on t (a)")).rejects.toThrow(
    /could not create unique/,
  );
  await sql`delete from t`;
  expect(statements(await repair(database))).toEqual(["REINDEX INDEX CONCURRENTLY public.t_ccnew"]);
  expect(await invalidIn(database)).toEqual([]);
});

test("duplicates in a unique index are counted, and listed by the statement in the hint", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table t (a text, b int, live bool);
    insert into t values ('secret', 1, true), ('SECRET', 1, true), ('x', 1, true), ('x', 1, true), ('x', 1, true),
      ('y', null, true), ('y', null, true), ('z', 1, false), ('z', 1, false);
    create table other (a int); insert into other values (1), (1)`);
  await expect(
    sql.unsafe("create unique index concurrently t_key on t (lower(a), b) where live"),
  ).rejects.toThrow(/could not create unique/);
  await expect(sql.unsafe("create unique index concurrently other_a on other (a)")).rejects.toThrow(
    /could not create unique/,
  );
  await sql`delete from other`;
  const result = await repair(database);
  // One failure does not stop the others.
  expect(statements(result)).toEqual(["REINDEX INDEX CONCURRENTLY public.other_a"]);
  expect(result.findings).toHaveLength(1);
  const [finding] = result.findings;
  expect(finding).toMatchObject({
    rule: "indexes/duplicate-keys",
    severity: "error",
    object: "public.t_key",
    message:
      "index public.t_key on public.t is not repaired: it is unique, and 5 rows of the table share 2 keys, by ctid: (0,1) (0,2); (0,3) (0,4) (0,5)",
  });
  expect(JSON.stringify(result)).not.toMatch(/secret/i);
  // The copy of the failed attempt is gone, the index itself is as before.
  expect(await invalidIn(database)).toEqual(["t_key"]);
  const listing = /`(SELECT .*?;)`/.exec(finding?.hint ?? "")?.[1] ?? "";
  const rows = await sql.unsafe(listing).values();
  expect(rows.map((row) => row.join(" ")).toSorted()).toEqual([
    "(0,1) secret 1 true 2",
    "(0,2) SECRET 1 true 2",
    "(0,3) x 1 true 3",
    "(0,4) x 1 true 3",
    "(0,5) x 1 true 3",
  ]);
  await sql`delete from t`;
  await repair(database, { indexes: ["t_key"] });
  expect(await invalidIn(database)).toEqual([]);
});

test("duplicates are those that the index sees: by its collation, and composite values with a NULL in them", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create collation "No Case" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create type place as (x int, y int);
    create table t (a text, p place);
    insert into t values ('Ann', row(1, null)), ('ANN', row(1, null)), ('Bob', null), ('Cem', null)`);
  for (const [name, keys] of [
    ["t_a", 'a collate "No Case"'],
    ["t_lower", '(left(a, 3)) collate "No Case"'],
    ["t_p", "p"],
  ] as const) {
    await expect(
      sql.unsafe(`create unique index concurrently ${name} on t (${keys})`),
    ).rejects.toThrow(/could not create unique/);
    const { findings } = await repair(database, { indexes: [name] });
    expect(findings.map(({ message }) => message)).toEqual([
      `index public.${name} on public.t is not repaired: it is unique, and 2 rows of the table share one key, by ctid: (0,1) (0,2)`,
    ]);
    const listing = /`(SELECT .*?;)`/.exec(findings[0]?.hint ?? "")?.[1] ?? "";
    expect((await sql.unsafe(listing).values()).map(([place]) => place)).toEqual([
      "(0,1)",
      "(0,2)",
    ]);
    await sql.unsafe(`drop index ${name}`);
  }
});

test("a failed rebuild leaves nothing of its own, whatever the indexes are called", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const long = `T${"ä".repeat(31)}`;
  await sql.unsafe("create table t (a int); insert into t values (1), (1)");
  // Two of the same definition, one that is named like a copy, one whose copy's name is cut.
  const names = ["one", "two", "t_ccnew", `"${long}"`];
  for (const name of names) {
    await expect(sql.unsafe(`create unique index concurrently ${name} on t (a)`)).rejects.toThrow(
      /could not create unique/,
    );
  }
  const before = await invalidIn(database);
  expect(before).toHaveLength(4);
  const { findings } = await repair(database, { indexes: ["two", "t_ccnew", `"${long}"`] });
  expect(findings.map(({ rule }) => rule)).toEqual([
    "indexes/duplicate-keys",
    "indexes/duplicate-keys",
    "indexes/duplicate-keys",
  ]);
  expect(await invalidIn(database)).toEqual(before);
});

test("nulls count as equal where the index says so", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int); insert into t values (null), (null)");
  await expect(
    sql.unsafe("create unique index concurrently t_a on t (a) nulls not distinct"),
  ).rejects.toThrow(/could not create unique/);
  const { findings } = await repair(database);
  expect(findings[0]?.message).toContain("2 rows of the table share one key");
});

test("a build in progress is left alone", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int, b int); create index t_b on t (b)");
  for (const statement of [
    "create index concurrently t_a on t (a)",
    "reindex table concurrently t",
  ]) {
    const blocker = sessionOn(database);
    const builder = sessionOn(database);
    await blocker.unsafe("begin; insert into t values (1)");
    const building = builder.unsafe(statement).execute();
    const finding = await eventually(
      async () => (await findingsOf(database, "indexes/building"))[0],
      "the build to begin",
    );
    expect(finding.severity).toBe("info");
    const result = await repair(database);
    expect(result.steps).toEqual([]);
    expect(result.findings.length).toBeGreaterThan(0);
    expect([...new Set(result.findings.map(({ rule }) => rule))]).toEqual(["indexes/building"]);
    await blocker.unsafe("rollback");
    await building;
    expect(
      (await list(database)).findings.filter(({ rule }) => /building|invalid/.test(rule)),
    ).toEqual([]);
    await blocker.end();
    await builder.end();
  }
  expect(await sql`select count(*)::int as n from pg_index where indrelid = 't'::regclass`).toEqual(
    [{ n: 2 }],
  );
});

test("an invalid index waits while another one is built on its table", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int, b int); insert into t values (1, 1), (1, 1)");
  await expect(sql.unsafe("create unique index concurrently t_a on t (a)")).rejects.toThrow(
    /could not create unique/,
  );
  await sql`delete from t`;
  const blocker = sessionOn(database);
  const builder = sessionOn(database);
  await blocker.unsafe("begin; insert into t values (1)");
  const building = builder.unsafe("create index concurrently t_b on t (b)").execute();
  await eventually(async () => (await findingsOf(database, "indexes/building"))[0], "the build");
  const result = await repair(database, { indexes: ["t_a"] });
  expect(result.steps).toEqual([]);
  expect(result.findings[0]?.message).toMatch(
    /^index public.t_a is invalid, and pid \d+ builds an index on public.t: /,
  );
  await blocker.unsafe("rollback");
  await building;
  expect(statements(await repair(database))).toEqual(["REINDEX INDEX CONCURRENTLY public.t_a"]);
  await blocker.end();
  await builder.end();
});

test("writers in the way: the wait ends with the budget, and nothing half done stays unsaid", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int); insert into t values (1), (1)");
  await expect(sql.unsafe("create unique index concurrently t_a on t (a)")).rejects.toThrow(
    /could not create unique/,
  );
  const blocker = sessionOn(database);
  await blocker.unsafe("begin; insert into t values (2)");
  const error = await repair(database, { lockBudgetMs: 500 }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(PgwrightError);
  const { code, details, exit } = error as PgwrightError;
  expect([code, exit]).toEqual(["lock-timeout", 4]);
  expect(details.notes?.join("\n")).toContain(
    "left unfinished, the next run takes it up: public.t_a_ccnew",
  );
  await blocker.unsafe("rollback");
  await blocker.end();
  await sql`delete from t`;
  expect(statements(await repair(database))).toEqual([
    "DROP INDEX CONCURRENTLY public.t_a_ccnew",
    "REINDEX INDEX CONCURRENTLY public.t_a",
  ]);
  expect(await invalidIn(database)).toEqual([]);
});

test("a partitioned index gets what it lacks, leaf by leaf, at every level", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int, b int) partition by range (a);
    create table "P one" partition of p for values from (0) to (10) partition by range (a);
    create table one_low partition of "P one" for values from (0) to (5);
    create table one_high partition of "P one" for values from (5) to (10);
    create table p_two partition of p for values from (10) to (20);
    create table empty (a int) partition by range (a);
    create table last partition of empty for values from (0) to (1);
    create index empty_a on only empty (a);
    drop table last;
    create unique index p_a_b on only p (a, b desc)`);
  const result = await repair(database);
  expect(statements(result)).toEqual([
    "DROP INDEX public.empty_a",
    "CREATE INDEX empty_a ON public.empty USING btree (a)",
    `CREATE UNIQUE INDEX "P one_p_a_b" ON ONLY public."P one" USING btree (a, b DESC)`,
    "CREATE UNIQUE INDEX CONCURRENTLY one_high_p_a_b ON public.one_high USING btree (a, b DESC)",
    `ALTER INDEX public."P one_p_a_b" ATTACH PARTITION public.one_high_p_a_b`,
    "CREATE UNIQUE INDEX CONCURRENTLY one_low_p_a_b ON public.one_low USING btree (a, b DESC)",
    `ALTER INDEX public."P one_p_a_b" ATTACH PARTITION public.one_low_p_a_b`,
    `ALTER INDEX public.p_a_b ATTACH PARTITION public."P one_p_a_b"`,
    "CREATE UNIQUE INDEX CONCURRENTLY p_two_p_a_b ON public.p_two USING btree (a, b DESC)",
    "ALTER INDEX public.p_a_b ATTACH PARTITION public.p_two_p_a_b",
  ]);
  expect(await invalidIn(database)).toEqual([]);
  expect((await repair(database)).steps).toEqual([]);
});

/** A partitioned index with an invalid part two levels below, whose duplicates are gone by now. */
async function adoptInvalidLeaf({ sql }: TestDatabase): Promise<void> {
  await sql.unsafe(`create table p (a int, b int) partition by range (a);
    create table p_low partition of p for values from (0) to (10) partition by range (a);
    create table p_one partition of p_low for values from (0) to (5);
    create table p_two partition of p_low for values from (5) to (10);
    insert into p values (1, 1), (1, 1)`);
  await expect(sql.unsafe("create unique index concurrently one_a on p_one (a)")).rejects.toThrow(
    /could not create unique/,
  );
  await sql.unsafe("delete from p; create unique index p_a on p (a)");
}

test("a partitioned index that adopted an invalid leaf is judged and repaired as one", async () => {
  await using database = await withDatabase();
  await adoptInvalidLeaf(database);
  expect(await invalidIn(database)).toEqual(["one_a", "p_a", "p_low_a_idx"]);
  const found = await findingsOf(database, "indexes/invalid", { all: false });
  expect(found.map(({ object }) => object)).toEqual(["public.p_a"]);
  const result = await repair(database, { indexes: ["p_a"] });
  expect(statements(result)).toEqual([
    "REINDEX INDEX CONCURRENTLY public.one_a",
    "ALTER INDEX public.p_low_a_idx ATTACH PARTITION public.one_a",
    "ALTER INDEX public.p_a ATTACH PARTITION public.p_low_a_idx",
  ]);
  expect(await invalidIn(database)).toEqual([]);
});

test("what a dry run prints does the same by hand", async () => {
  await using database = await withDatabase();
  await adoptInvalidLeaf(database);
  const { sql = "" } = await repair(database, { dryRun: true });
  const session = sessionOn(database);
  // Each on its own: CONCURRENTLY has no place in a message of several statements.
  for (const statement of sql.split(/;$/m)) await session.unsafe(statement);
  await session.end();
  expect(await invalidIn(database)).toEqual([]);
});

test("the index of a constraint, an unfinished leaf, and a foreign table among the partitions", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int not null) partition by range (a);
    create table p_one partition of p for values from (0) to (10);
    alter table only p add constraint p_key unique (a);
    create table q (a int) partition by range (a);
    create table q_one partition of q for values from (0) to (10);
    insert into q values (1), (1);
    create unique index q_a on only q (a)`);
  await expect(
    sql.unsafe("create unique index concurrently q_one_q_a on q_one (a)"),
  ).rejects.toThrow(/could not create unique/);
  const failed = await repair(database, { indexes: ["q_a"] });
  expect(failed.findings.map(({ rule, object }) => [rule, object])).toEqual([
    ["indexes/duplicate-keys", "public.q_one_q_a"],
    ["indexes/not-repaired", "public.q_a"],
  ]);
  await sql`delete from q`;
  expect((await repair(database)).findings).toEqual([]);
  expect(await invalidIn(database)).toEqual([]);
  expect(
    await sql`select conname from pg_constraint where conrelid = 'p_one'::regclass and contype = 'u'`,
  ).toEqual([{ conname: "p_one_p_key" }]);

  await sql.unsafe(`create foreign data wrapper nowhere; create server nowhere foreign data wrapper nowhere;
    create foreign table f_one (a int) server nowhere;
    create table f (a int) partition by range (a);
    alter table f attach partition f_one for values from (0) to (10);
    create index f_a on only f (a)`);
  const { steps, findings } = await repair(database);
  expect(steps).toEqual([]);
  expect(findings[0]).toMatchObject({
    rule: "indexes/not-repaired",
    severity: "error",
    object: "public.f_a",
  });
  expect(findings[0]?.message).toContain("public.f_one cannot have an index (foreign)");
});

test("a role that is not the owner is told what it lacks; a member acts as the owner", async () => {
  await using owner = await withRole("nologin");
  await using member = await withRole("login noinherit");
  await using stranger = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`grant ${owner.name} to ${member.name};
    grant create on schema public to ${owner.name};
    create table t (a int); alter table t owner to ${owner.name}; insert into t values (1), (1)`);
  await expect(sql.unsafe("create unique index concurrently t_a on t (a)")).rejects.toThrow(
    /could not create unique/,
  );
  await sql`delete from t`;
  const as = ({ name, password }: typeof member) => {
    const url = new URL(urlOf(database.name));
    url.username = name;
    url.password = password;
    return { url: url.href };
  };
  const refused = await repair(as(stranger));
  expect(refused.steps).toEqual([]);
  expect(refused.findings).toEqual([
    {
      rule: "indexes/not-repaired",
      severity: "error",
      object: "public.t_a",
      message: `index public.t_a on public.t is not repaired: role ${stranger.name} is neither its owner ${owner.name} nor a member of that role`,
      hint: `connect as ${owner.name}, or have an administrator run \`GRANT ${owner.name} TO ${stranger.name};\``,
    },
  ]);
  const planned = await repair(as(member), { dryRun: true });
  expect(planned.sql).toContain(`SET ROLE ${owner.name};`);
  expect(statements(await repair(as(member)))).toEqual(["REINDEX INDEX CONCURRENTLY public.t_a"]);
  expect(await invalidIn(database)).toEqual([]);
});

test("a copy of a TOAST table's index: the owner needs the schema pg_toast", async () => {
  await using owner = await withRole();
  await using database = await withDatabase();
  await database.sql.unsafe(`create table t (a text); alter table t owner to ${owner.name}`);
  await interruptReindex(database, "reindex table concurrently t");
  const [copy] = await invalidIn(database);
  expect(copy).toMatch(/^pg_toast\.pg_toast_\d+_index_ccnew$/);
  const url = new URL(database.url);
  url.username = owner.name;
  url.password = owner.password;
  const refused = await repair({ url: url.href });
  expect(refused.steps).toEqual([]);
  expect(refused.findings[0]?.message).toContain(
    `index ${copy}, of the TOAST table of public.t, is not repaired`,
  );
  expect(refused.findings[0]?.hint).toContain(`GRANT USAGE ON SCHEMA pg_toast TO ${owner.name};`);
  expect(statements(await repair(database))).toEqual([`DROP INDEX CONCURRENTLY ${copy}`]);
  expect(await invalidIn(database)).toEqual([]);
});

test("what a rebuild leaves that dies after the swap is dropped as well", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int primary key); insert into t values (1)");
  // A reader without a snapshot holds up nothing but the end.
  const reader = sessionOn(database);
  await reader.unsafe("begin; select * from t");
  await interruptWhen(
    database,
    "reindex index concurrently t_pkey",
    `select from pg_stat_progress_create_index
     where datname = current_database() and phase = 'waiting for readers before marking dead'`,
  );
  await reader.unsafe("rollback");
  await reader.end();
  expect(await invalidIn(database)).toEqual(["t_pkey_ccold"]);
  expect(statements(await repair(database))).toEqual([
    "DROP INDEX CONCURRENTLY public.t_pkey_ccold",
  ]);
  expect(await invalidIn(database)).toEqual([]);
  await expect(sql`insert into t values (1)`).rejects.toThrow(/t_pkey/);
});

test("a name that is no index is an error, and nothing runs", async () => {
  await using database = await withDatabase();
  await database.sql`create table t (a int primary key)`;
  for (const name of ["nothing", "t", "a b", 'x"']) {
    await expect(repair(database, { indexes: [name] })).rejects.toMatchObject({
      code: "relation-unknown",
      message: `the database \`${database.name}\` has no index \`${name}\``,
    });
  }
  expect(await repair(database, { indexes: ["public.t_pkey"] })).toMatchObject({
    steps: [],
    findings: [],
  });
});
