/** `lint` as a user runs it: with a database beside it, in a repository, in every format. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const execute = promisify(execFile);
const first = migration(
  `create table orders (id bigint primary key, code varchar(10), amount int, note text);
create table small (id bigint primary key, code varchar(10));
create table empty (id bigint primary key, code text);
create function lot() returns int language sql volatile as 'select 1';
create function fixed() returns int language sql stable as 'select 1';
create view noted as select id, note from orders;`,
  "drop view noted; drop table orders, small, empty; drop function lot(), fixed();",
);

interface Found {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly hint?: string;
  readonly at?: { readonly file: string; readonly line: number };
}

let project: MigrationProject;
beforeAll(async () => {
  project = await withMigrations({ "001_tables.sql": first });
  await project.mustRun(["migrate"]);
  await project.sql`insert into orders select i, 'c', i, 'n' from generate_series(1, 20000) i`;
  await project.sql`insert into small select i, 'c' from generate_series(1, 50) i`;
  await project.sql`analyze`;
  for (const [name, rows] of [
    ["pile", 20_000],
    ["heap", 50],
  ] as const) {
    await project.sql.unsafe(
      `create table ${name} (id bigint primary key, code text) with (autovacuum_enabled = false);
       insert into ${name} select i, 'c' from generate_series(1, ${rows}) i;`,
    );
  }
  await project.sql.unsafe(
    `create table parted (id bigint, code text) partition by range (id);
     create table parted_1 partition of parted for values from (1) to (9) with (autovacuum_enabled = false);
     insert into parted values (1, 'c');`,
  );
});
afterAll(async () => project[Symbol.asyncDispose]());

async function lint(
  up: string,
  args: readonly string[] = ["--url", project.database.url],
): Promise<{ code: number | null; findings: Found[]; result: Record<string, unknown> }> {
  await project.write("002_next.sql", migration(up, "select 1;"));
  try {
    const { code, body } = await project.json(["lint", ...args]);
    return { code, findings: body.findings as Found[], result: body.result };
  } finally {
    await project.remove("002_next.sql");
  }
}

describe("with a database", () => {
  test("only what is pending is judged, by the catalog", async () => {
    const { code, findings, result } = await lint(
      "alter table orders alter column code type varchar(20); alter table orders alter column amount type bigint;",
    );
    expect(code).toBe(1);
    expect(result).toMatchObject({ files: 1, statements: 2, asksDatabase: true });
    expect(findings.map(({ rule }) => rule)).toEqual(["lint/change-column-type"]);
    expect(findings[0]?.message).toMatch(
      /orders\.amount is stored.*; it has 20,000 rows, [\d.]+ (?:kB|MB)$/,
    );
    expect(findings[0]?.at).toEqual({ file: "migrations/002_next.sql", line: 2, column: 56 });
  });

  test("a small table is worth a word only, an empty one not even that", async () => {
    const { code, findings } = await lint(
      "alter table small alter column code set not null; alter table empty alter column code set not null;",
    );
    expect(code).toBe(0);
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["lint/set-not-null", "info"],
    ]);
    expect(findings[0]?.message).toMatch(/small\.code .*; it has 50 rows, /);
  });

  test("a table that was never analyzed has unknown rows, and is small where its pages hold no more", async () => {
    const { findings } = await lint(
      ["pile", "heap", "parted"]
        .map((table) => `alter table ${table} alter column code set not null;`)
        .join("\n"),
    );
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["lint/set-not-null", "error"],
      ["lint/set-not-null", "info"],
      ["lint/set-not-null", "info"],
    ]);
    expect(findings[0]?.message).toMatch(
      /pile\.code .*; it has unknown rows \(it was never analyzed\), [\d.]+ (?:kB|MB)$/,
    );
  });

  test("volatility is looked up", async () => {
    const { findings } = await lint(
      "alter table orders add column a int default fixed(); alter table orders add column b int default lot();",
    );
    expect(findings.map(({ rule, message }) => [rule, message.includes("orders.b")])).toEqual([
      ["lint/add-column-volatile", true],
    ]);
  });

  test("a view that uses a dropped column is told, unless it is dropped before", async () => {
    const { findings } = await lint("alter table orders drop column note;");
    expect(findings.map(({ rule }) => rule)).toEqual(["lint/dependent-views", "lint/drop-column"]);
    expect(findings[0]?.hint).toContain("DROP VIEW noted;");
    const { findings: none } = await lint(
      "drop view noted; alter table orders drop column note; create view noted as select id from orders;",
    );
    expect(none.map(({ rule }) => rule)).not.toContain("lint/dependent-views");
  });

  test("what an earlier pending file creates is new", async () => {
    await project.write("003_more.sql", migration("create index on fresh (a);", "select 1;"));
    const { code, findings } = await lint("create table fresh (id bigint primary key, a int);");
    await project.remove("003_more.sql");
    expect([code, findings]).toEqual([0, []]);
  });
});

describe("without one", () => {
  test("files tell what the table is", async () => {
    const { findings } = await lint(
      "alter table orders alter column code type varchar(20); alter table orders alter column code type varchar(5);",
      [],
    );
    expect(findings.map(({ rule, message }) => [rule, message.includes("it has")])).toEqual([
      ["lint/change-column-type", false],
    ]);
  });

  test("--fail-on decides the exit code", async () => {
    const up = "alter table orders drop column amount;";
    expect((await lint(up, [])).code).toBe(0);
    expect((await lint(up, ["--fail-on", "warning"])).code).toBe(1);
    const { stdout } = await project.run(["lint", "--help"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/--fail-on <severity> [^-]*default error/);
  });

  test("a comment with a reason explains a finding away; one without, or for nothing, is a finding", async () => {
    const drop = "alter table orders drop column amount;";
    const silent = await lint(`-- lint:ignore drop-column: unused since May\n${drop}`, []);
    expect(silent.findings).toEqual([]);
    expect(silent.result).toMatchObject({ ignored: 1 });
    const others = await lint(
      `-- lint:ignore drop-column\n${drop}\n-- lint:ignore create-index: x\nselect 1;\n-- lint:ignore drop-colum: y\nselect 2;`,
      [],
    );
    expect(others.code).toBe(1);
    expect(others.findings.map(({ rule, at }) => [rule, at?.line])).toEqual([
      ["lint/ignore-without-reason", 2],
      ["lint/drop-column", 3],
      ["lint/ignore-unused", 4],
      ["lint/ignore-unknown", 6],
    ]);
  });

  test("above -- migrate:up a comment is for the whole file, and the checksum stays", async () => {
    const file = migration(
      "alter table orders drop column amount;\nalter table orders drop column code;",
      "select 1;",
    );
    await project.write("002_next.sql", file);
    const { body: before } = await project.json(["validate"]);
    await project.write("002_next.sql", `-- lint:ignore drop-column: unused since May\n${file}`);
    const { body } = await project.json(["lint"]);
    const { body: after } = await project.json(["validate"]);
    await project.remove("002_next.sql");
    expect([body.findings, body.result.ignored]).toEqual([[], 2]);
    expect(after.findings).toEqual(before.findings);
  });

  test("syntax errors are told with their place", async () => {
    const { code, findings } = await lint("select 1;\nalter tabel x;", []);
    expect(code).toBe(1);
    expect(findings).toMatchObject([{ rule: "migrations/syntax-error", at: { line: 3 } }]);
  });

  test("what is too deep for the parser is not called wrong, and does not run", async () => {
    const up = `select 1${"+1".repeat(50_000)};`;
    const { code, findings, result } = await lint(up, []);
    expect(code).toBe(0);
    expect(findings).toMatchObject([
      {
        rule: "migrations/too-deep",
        severity: "warning",
        message: expect.stringMatching(/nested too deeply.*no statement of the file was judged$/),
        at: { line: 2 },
      },
    ]);
    expect(result).toMatchObject({ files: 2, statements: 6 });
    await project.write("002_next.sql", migration(up, "select 1;"));
    const { code: failed, stderr } = await project.run(["migrate"]);
    const { stdout } = await project.run(["validate"]);
    await project.remove("002_next.sql");
    expect([failed, stderr]).toEqual([
      4,
      expect.stringMatching(/migrations-invalid\]: it is nested too deeply[^]*nothing was run/),
    ]);
    expect(stdout).toMatch(/1 error\n\nerror: it is nested too deeply/);
  });

  test("a sum as deep as the parser goes is judged, whatever the search path", async () => {
    const sum = `1${"+1".repeat(9_000)}`;
    const up = `set search_path = public, shop;
update orders set amount = ${sum};`;
    const { findings } = await lint(up, []);
    expect(findings.map(({ rule }) => rule)).toEqual(["lint/unfiltered-write"]);
    expect((await lint(`update nope set amount = ${sum} where id < 5;`, [])).findings).toEqual([]);
    const { findings: other } = await lint(
      `set search_path = shop;
update orders set amount = ${sum};`,
      [],
    );
    expect(other[0]?.message).toContain("every row of shop.orders");
  });

  test("the server to judge for can be named", async () => {
    const up = "alter table orders add column twice int generated always as (amount * 2) virtual;";
    expect((await lint(up, [])).findings.map(({ rule }) => rule)).toEqual(["lint/newer-server"]);
    expect((await lint(up, ["--server", "18"])).findings).toEqual([]);
    const wrong = await project.run(["lint", "--server", "14"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("15, 16, 17 or 18")]);
  });

  test("any files are judged, in the order given", async () => {
    await writeFile(
      join(project.path, "a.sql"),
      "create table t (id bigint primary key, a int);\n",
    );
    await writeFile(join(project.path, "b.sql"), "create index on t (a);\n");
    const { body } = await project.json(["lint", "a.sql", "b.sql"]);
    expect(body.findings.map(({ rule, at }: Found) => [rule, at?.file])).toEqual([
      ["lint/create-index", "b.sql"],
    ]);
    const missing = await project.json(["lint", "c.sql"]);
    expect([missing.code, missing.body.error.code]).toEqual([2, "migrations-unreadable"]);
  });
});

test("--base judges what the branch adds, and its tables are new", async () => {
  await using other = await withMigrations({
    "001_tables.sql": first,
    "002_i.sql": migration("create index on orders (code);", "select 1;"),
  });
  const git = (...args: string[]) =>
    execute("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: other.path });
  await git("init", "-q", "-b", "main");
  await git("add", "-A");
  await git("commit", "-qm", "first");
  await git("checkout", "-qb", "work");
  await other.write(
    "003_more.sql",
    migration("create table fresh (id bigint primary key, a int);", "drop table fresh;"),
  );
  await other.write(
    "004_index.sql",
    migration("create index on fresh (a);\ncreate index on orders (amount);", "select 1;"),
  );
  const { body } = await other.json(["lint", "--base", "main"]);
  expect(body.result).toMatchObject({ files: 2, base: { name: "main" } });
  expect(body.findings.map(({ at }: Found) => [at?.file, at?.line])).toEqual([
    ["migrations/004_index.sql", 3],
  ]);
});

test("a right for everybody is told with its columns, and with all that it is on", async () => {
  const { findings } = await lint(
    `grant update (code, "Note"), select on orders to public;
grant insert on all tables in schema public, shop to public;
grant usage on all sequences in schema public to public;
grant all on orders to public;`,
    [],
  );
  expect(findings.map(({ message }) => message)).toEqual([
    'every role gets UPDATE (code, "Note") on orders',
    "every role gets INSERT on all tables of public, shop",
    "every role gets USAGE on all sequences of public",
    "every role gets ALL on orders",
  ]);
});

describe("views of the result", () => {
  test("SARIF and GitHub annotations name file, line and rule", async () => {
    await writeFile(join(project.path, "c.sql"), "select 1;\ncreate index on t (a);\n");
    const sarif = await project.run(["lint", "c.sql", "--format", "sarif"]);
    expect(sarif.code).toBe(1);
    const { version, runs } = JSON.parse(sarif.stdout);
    expect(version).toBe("2.1.0");
    expect(runs[0].results).toMatchObject([
      {
        ruleId: "lint/create-index",
        level: "error",
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: "c.sql" },
              region: { startLine: 2, startColumn: 1 },
            },
          },
        ],
      },
    ]);
    // The words of --explain, for whoever reads the finding where there is no command line.
    const explained = await project.json(["lint", "--explain", "create-index"]);
    const [{ summary, why, safe }] = explained.body.result.rules;
    expect(runs[0].tool.driver.rules).toEqual([
      {
        id: "lint/create-index",
        name: "create-index",
        shortDescription: { text: summary },
        fullDescription: { text: why },
        help: {
          text: `${why}\n\nsafe:\n${safe}\n\n-- lint:ignore create-index: <why it is all right here>`,
          markdown: `${why}\n\n**Safe:**\n\n\`\`\`sql\n${safe}\n\`\`\`\n\n\`\`\`sql\n-- lint:ignore create-index: <why it is all right here>\n\`\`\``,
        },
        defaultConfiguration: { level: "error" },
      },
    ]);
    const github = await project.run(["lint", "c.sql", "--format", "github"]);
    expect(github.stdout).toMatch(/^::error file=c\.sql,line=2,col=1,title=lint\/create-index::/m);
  });

  test("SARIF has words for all that lint finds, its own mistakes too", async () => {
    await writeFile(
      join(project.path, "d.sql"),
      "-- lint:ignore\nselect 1;\n-- lint:ignore nothing: x\nselect 2;\n-- lint:ignore truncate: x\nselect 3;\n",
    );
    await writeFile(join(project.path, "e.sql"), "selec 1;\n");
    await writeFile(join(project.path, "f.sql"), "select 1;\n\\echo x\n");
    await writeFile(join(project.path, "g.sql"), Buffer.from([0x2d, 0x2d, 0xff]));
    await writeFile(join(project.path, "h.sql"), "copy orders from stdin;\n1\n\\.\n");
    await writeFile(join(project.path, "i.sql"), `select 1${"+1".repeat(50_000)};`);
    const files = ["d.sql", "e.sql", "f.sql", "g.sql", "h.sql", "i.sql"];
    const { stdout } = await project.run(["lint", ...files, "--format", "sarif"]);
    const { rules } = JSON.parse(stdout).runs[0].tool.driver;
    expect(rules.map(({ id }: { id: string }) => id)).toEqual([
      "lint/ignore-unknown",
      "lint/ignore-unused",
      "lint/ignore-without-reason",
      "migrations/copy-data",
      "migrations/not-utf8",
      "migrations/psql-command",
      "migrations/syntax-error",
      "migrations/too-deep",
    ]);
    for (const { shortDescription } of rules) expect(shortDescription.text).toBeTruthy();
  });

  test("SARIF of a command that finds nothing is refused", async () => {
    const { code, stderr } = await project.run(["config", "show", "--format", "sarif"]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("finds nothing that SARIF could hold"),
    ]);
  });

  test("--explain tells a rule, or all, and knows near misses", async () => {
    const one = await project.run(["lint", "--explain", "set-not-null"]);
    expect(one.stdout).toContain("VALIDATE CONSTRAINT region_there;");
    const all = await project.run(["lint", "--explain"]);
    expect(all.stdout.split("\n").length).toBeGreaterThan(50);
    const wrong = await project.run(["lint", "--explain", "set-notnull"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("`set-not-null`")]);
  });
});

test("migrate --dry-run says what is locked, and for how long", async () => {
  await project.write(
    "002_next.sql",
    migration(
      "create table fresh (id bigint primary key);\nalter table orders alter column amount type bigint;\nalter table fresh add column a int;\ncreate index concurrently orders_code on orders (code);\nalter table heap alter column id type text;\nalter table empty alter column id type text;",
      "select 1;",
    ),
  );
  const { stdout } = await project.run(["migrate", "--dry-run"]);
  const { body } = await project.json(["migrate", "--dry-run"]);
  await project.remove("002_next.sql");
  expect(stdout).toMatch(
    /^-- locks on tables that are there:\n--   002_next\.sql:3 alter table orders alter column amount type bigint\n--     ACCESS EXCLUSIVE on orders \(20,000 rows, [\d.]+ (?:kB|MB)\), writes it anew\n--   002_next\.sql:5 .*\n--     SHARE UPDATE EXCLUSIVE on orders \(.*\), builds an index\n--   002_next\.sql:6 .*\n--     ACCESS EXCLUSIVE on heap \(unknown rows, [\d.]+ kB\), writes it anew\n--   002_next\.sql:7 .*\n--     ACCESS EXCLUSIVE on empty \(0 rows, [\d.]+ kB\), writes it anew\n\n/,
  );
  expect(body.result.costs).toMatchObject([
    {
      file: "002_next.sql",
      line: 3,
      locks: [{ table: "orders", lock: "ACCESS EXCLUSIVE", work: "rewrite", rows: 20000 }],
    },
    { file: "002_next.sql", line: 5, locks: [{ lock: "SHARE UPDATE EXCLUSIVE", work: "index" }] },
    { line: 6, locks: [{ table: "heap", rows: null, bytes: expect.any(Number) }] },
    { line: 7, locks: [{ table: "empty", rows: 0 }] },
  ]);
});

test("lines are those of the file, and a backfill is what is asked for", async () => {
  const write = "alter table orders add column x int;\nupdate orders set x = 1;";
  const { findings } = await lint(write);
  const said = (rule: string) => findings.find((one) => one.rule === `lint/${rule}`);
  expect(said("work-under-lock")?.message).toContain("(ACCESS EXCLUSIVE, since line 2)");
  expect(said("unfiltered-write")?.hint).toContain("`-- backfill:` in the line above");
  const validated = await lint(
    "alter table orders add constraint c check (amount > 0) not valid;\nalter table orders validate constraint c;",
  );
  expect(validated.findings.map(({ message }) => message).join()).toContain(
    "lock that line 2 took",
  );

  const followed = write.replace("update", "-- backfill: batch=1000\nupdate");
  expect((await lint(followed)).findings).toEqual([]);
  expect((await lint(`${followed}\n-- backfill:\ndelete from orders;`)).findings).toEqual([]);
});
