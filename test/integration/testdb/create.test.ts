/** What `testdb create` makes, and when it builds. */
import { describe, expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import { eventually } from "../../support/eventually.ts";
import { migration } from "../../support/migration-project.ts";
import { withTestdbProject } from "../../support/testdb-project.ts";

const slow = migration("select pg_sleep(3);", "select 1;");

describe("testdb create", () => {
  test("gives complete databases that nothing connects", async () => {
    await using project = await withTestdbProject();
    const { databases, template } = await project.result("create", "--count", "2");
    expect(template.isBuilt).toBe(true);
    const [one, two] = databases.map(({ url }: { url: string }) => project.connect(url));
    await one`insert into notes values (2, 'only here')`;
    expect(await two`select * from notes`).toEqual([{ id: 1, text: "kept" }]);
    expect((await project.result("create")).template).toEqual({ ...template, isBuilt: false });
  });

  test("builds again when a migration, a policy, or the settings change", async () => {
    await using project = await withTestdbProject();
    const templates = new Set<string>();
    const create = async () => {
      const { template } = await project.result("create");
      expect(template.isBuilt).toBe(!templates.has(template.name));
      templates.add(template.name);
      return templates.size;
    };
    expect(await create()).toBe(1);
    await project.write(
      "migrations/002_more.sql",
      migration("create table more ();", "drop table more;"),
    );
    expect(await create()).toBe(2);
    await project.remove("migrations/002_more.sql");
    expect(await create()).toBe(2);
    await project.write("pgwright.yaml", "migrations:\n  table: ledger\n");
    expect(await create()).toBe(3);
  });

  test("prints lines for an .env file", async () => {
    await using project = await withTestdbProject();
    await project.result("create");
    const one = await project.run(["testdb", "create", "--as", "env"]);
    expect(one.stdout).toMatch(/^DATABASE_URL=postgresql:\/\/\S+\n$/);
    const two = await project.run([
      "testdb",
      "create",
      "--count",
      "2",
      "--as",
      "env",
      "--variable",
      "DB",
    ]);
    expect(two.stdout).toMatch(/^DB_1=postgresql:\/\/\S+\nDB_2=postgresql:\/\/\S+\n$/);
  });

  test.each([
    [["--scale", "3"], "`--scale` says nothing without `--seeds`"],
    [["--seeds", "--scale", "1e9"], "7 digits at most, and 6 after the point"],
    [["--variable", "DB"], "`--variable` says nothing without `--as env`"],
    [["--as", "env", "--variable", "a-b"], "`--variable <name>` cannot be `a-b`"],
    [["--as", "csv"], "`--as <form>` cannot be `csv`"],
    [["--ttl", "1w"], "the time of a lease, 1w, has the unknown unit"],
    [["--seeds", "--from", "schema.sql"], "a dump brings its own rows"],
  ])("%j is refused before anything is opened", async (args, message) => {
    await using project = await withTestdbProject();
    const { code, stdout, stderr } = await project.run(["testdb", "create", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("says where no seed file names a table, and what rows there are then", async () => {
    await using project = await withTestdbProject();
    await project.write(
      "migrations/002_a.sql",
      migration("create table a (id int primary key, name text);", "drop table a;"),
    );
    const scaled = ["create", "--seeds", "--scale", "0.1"];
    const { code, stdout, stderr } = await project.run(["testdb", ...scaled, "--json"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("no file of seeds says what tables are filled with");
    const { result } = JSON.parse(stdout);
    const sql = project.connect(result.databases[0].url);
    expect(await sql`select count(*)::int from a`).toEqual([{ count: 10 }]);
    // For the clearing away.
    expect((await project.result(...scaled)).template.name).toBe(result.template.name);
  });

  test("with --dry-run prints what would run, and makes nothing", async () => {
    await using project = await withTestdbProject();
    const cold = await project.run(["testdb", "create", "--dry-run"]);
    expect(cold.stdout).toMatch(/^-- first the template pgwright_template_[0-9a-f]{16}\n$/);
    const { template } = await project.result("create");
    const count = async () =>
      (await project.databases()).filter(({ comment }) => comment?.includes(template.name)).length;
    const before = await count();
    const warm = await project.run(["testdb", "create", "--dry-run"]);
    expect(await count()).toBe(before);
    const [create = "", ...rest] = warm.stdout.split(";\n");
    const byHand = project.connect(serverUrl());
    await byHand.unsafe(create);
    await byHand.unsafe(rest.join(";\n"));
    expect(await count()).toBe(before + 1);
  });

  test("never uses what names the application's database", async () => {
    await using project = await withTestdbProject();
    const elsewhere = "postgres://app@127.0.0.1:1/production";
    const outcome = await project.run(["testdb", "create"], {
      DATABASE_URL: elsewhere,
      PGWRIGHT_URL: elsewhere,
      PGHOST: "127.0.0.1",
      PGPORT: "1",
      PGSERVICE: "production",
    });
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(new URL(outcome.stdout.trim()).port).toBe(new URL(serverUrl()).port);
    const named = await project.run(["testdb", "create", "--env", "production"]);
    expect(named.code).toBe(2);
    const empty = await project.run(["testdb", "create"], { TEST_DATABASE_URL: "" });
    expect(empty.code).toBe(2);
  });

  test("refuses the server of a protected database", async () => {
    await using project = await withTestdbProject();
    const { databases } = await project.result("create");
    const [{ url, name }] = databases;
    const protectedOne = await project.run(["db", "protect", "--url", url]);
    expect(protectedOne.code, protectedOne.stderr).toBe(0);
    const refused = await project.run(["testdb", "create", "--url", url]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(`database \`${name}\` is protected`);
  });

  test("says that a server takes too few connections before anybody is refused", async () => {
    await using project = await withTestdbProject();
    const outcome = await project.run(["testdb", "create", "--count", "999", "--dry-run"]);
    expect(outcome.stderr).toMatch(
      /takes \d+ more connections \(max_connections \d+,.*999 databases need/s,
    );
  });
});

describe("at the same time", () => {
  test("eight processes on a cold template build it once, and all get a database", async () => {
    await using project = await withTestdbProject({ "migrations/002_slow.sql": slow });
    const drafts = new Set<string>();
    const over = new AbortController();
    const watching = (async () => {
      while (!over.signal.aborted) {
        for (const { name, comment } of await project.databases()) {
          if (comment?.includes('"kind":"draft"'))
            drafts.add(comment.match(/"template":"(.+?)"/)?.[1] + name);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const results = await Promise.all(Array.from({ length: 8 }, () => project.result("create")));
    over.abort();
    await watching;
    const [first] = results;
    expect(results.filter(({ template }) => template.isBuilt)).toHaveLength(1);
    expect([...drafts].filter((one) => one.startsWith(first.template.name))).toHaveLength(1);
    const names = results.map(({ databases }) => databases[0].name);
    expect(new Set(names).size).toBe(8);
    for (const { databases, template } of results) {
      expect(template.name).toBe(first.template.name);
      expect(await project.connect(databases[0].url)`select text from notes`).toEqual([
        { text: "kept" },
      ]);
    }
  });

  test("a builder that is killed leaves nothing that is taken for a template", async () => {
    await using project = await withTestdbProject({ "migrations/002_slow.sql": slow });
    const planned = await project.run(["testdb", "create", "--dry-run"]);
    const name = /pgwright_template_[0-9a-f]+/.exec(planned.stdout)?.[0] ?? "";
    const draftOf = async () =>
      (await project.databases()).find(({ comment }) => comment?.includes(`"template":"${name}"`));
    const running = project.start(["testdb", "create"]);
    const draft = await eventually(draftOf, "a draft");
    await eventually(
      async () =>
        (
          await project.sql`select from pg_stat_activity where datname = ${draft.name} and wait_event = 'PgSleep'`
        ).length > 0,
      "the slow migration",
    );
    running.child.kill("SIGKILL");
    await running.done;
    expect(await project.databases(name)).toEqual([]);
    // It holds a lease, so it is left alone; and it is in nobody's way.
    const { template, databases } = await project.result("create");
    expect(template).toEqual({ name, isBuilt: true });
    expect(await project.connect(databases[0].url)`select text from notes`).toEqual([
      { text: "kept" },
    ]);
    expect((await project.databases(draft.name))[0]?.comment).toContain('"kind":"draft"');
    // When the lease is over, the next one drops it.
    const expired = draft.comment?.replace(
      /"expiresAt":".*?"/,
      '"expiresAt":"2026-01-01T00:00:00.000Z"',
    );
    await project.sql.unsafe(`comment on database ${draft.name} is '${expired}'`);
    await project.result("create");
    expect(await project.databases(draft.name)).toEqual([]);
  });
});
