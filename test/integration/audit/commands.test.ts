/** The two commands as a user types them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditLogSql, install } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { withMigrations } from "../../support/migration-project.ts";

const yaml = "log: shared.audit_log\ntables:\n  app.people: { mask: [pin] }\n  app.days:\n";

let project: MigrationProject;

beforeAll(async () => {
  project = await withMigrations({});
  await mkdir(join(project.path, "policies"));
  await writeFile(join(project.path, "policies", "audit.yaml"), yaml);
  await using session = await connectTo(project.database.url, { writes: true });
  await session.script(`${auditLogSql()};
    create schema app;
    create table app.people (id bigint primary key, name text, pin text, big numeric, tags jsonb);
    create table app.days (day date, note text, primary key (day, note)) partition by range (day);
    create table app.days_1 partition of app.days for values from ('2024-01-01') to ('2024-02-01');
    create table app.days_2 partition of app.days for values from ('2024-02-01') to ('2024-03-01')`);
  await install(session, yaml);
  await session.script(`
    set application_name = 'web';
    set app.current_user_id = '00000000-0000-4000-8000-00000000000a';
    insert into app.people values (9007199254740993, 'Ann', '1234', 1.50, '{"n": 12345678901234567890}');
    update app.people set name = repeat('x', 80), pin = '4321';
    reset app.current_user_id;
    insert into app.days values ('2024-01-31', 'n');
    update app.days set day = '2024-02-01';
    truncate app.days_1`);
});

afterAll(() => project[Symbol.asyncDispose]());

const steady = (text: string) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "<time>")
    .replaceAll(/xid \d+/g, "xid <n>")
    .replaceAll(/, \d+\.\d+\.\d+\.\d+/g, "");

describe("audit log", () => {
  it("shows the newest first: who, what, from and to", async () => {
    const { code, stdout } = await project.run(["audit", "log"]);
    expect(code).toBe(0);
    expect(steady(stdout)).toBe(`TRUNCATE app.days (app.days_1)
  <time> by postgres, web, xid <n>

UPDATE app.days {"day": "2024-01-31", "note": "n"} → {"day": "2024-02-01", "note": "n"} to another partition
  <time> by postgres, web, xid <n>
  day  2024-01-31 → 2024-02-01

INSERT app.days {"day": "2024-01-31", "note": "n"}
  <time> by postgres, web, xid <n>
  day   2024-01-31
  note  n

UPDATE app.people 9007199254740993
  <time> by 00000000-0000-4000-8000-00000000000a as postgres, web, xid <n>
  pin   *** → ***
  name  Ann → ${"x".repeat(59)}…

INSERT app.people 9007199254740993
  <time> by 00000000-0000-4000-8000-00000000000a as postgres, web, xid <n>
  id    9007199254740993
  big   1.50
  pin   ***
  name  Ann
  tags  {"n": 12345678901234567890}
`);
  });

  it("gives programs values that are not rounded", async () => {
    const { body } = await project.json([
      "audit",
      "log",
      "--table",
      "people",
      "--operation",
      "INSERT",
    ]);
    expect(body.result).toMatchObject({ log: "shared.audit_log", isCut: false });
    const [entry] = body.result.entries;
    expect(
      Object.fromEntries(
        entry.changes.map((one: { column: string; new: unknown }) => [one.column, one.new]),
      ),
    ).toEqual({
      id: "9007199254740993",
      big: "1.50",
      name: "Ann",
      pin: "***",
      tags: '{"n": 12345678901234567890}',
    });
  });

  it("filters", async () => {
    const count = async (...args: string[]) => {
      const { body } = await project.json(["audit", "log", ...args]);
      return [body.result.entries.length, body.result.isCut];
    };
    expect(await count("--limit", "2")).toEqual([2, true]);
    expect(await count("--actor", "00000000-0000-4000-8000-00000000000a")).toEqual([2, false]);
    expect(await count("--actor", "postgres", "--since", "1h")).toEqual([5, false]);
    expect(await count("--until", "2001-01-01")).toEqual([0, false]);
    expect(await count("--table", "app.days", "--key", '{"note":"n","day":"2024-02-01"}')).toEqual([
      1,
      false,
    ]);
    expect(await count("--table", "ays")).toEqual([0, false]);
  });

  it("says when there is no such table, and which is meant", async () => {
    const shown = async (...args: string[]) => {
      const { code, stdout } = await project.run(["audit", "log", ...args]);
      return [code, stdout.trimEnd()];
    };
    const none = "No recorded change matches";
    expect(await shown("--table", "poeple")).toEqual([
      0,
      `${none}: there is no table poeple, and no entry of it; did you mean people?`,
    ]);
    expect(await shown("--table", "app.day")).toEqual([
      0,
      `${none}: there is no table app.day, and no entry of it; did you mean app.days?`,
    ]);
    expect(await shown("--table", "nosuch", "--key", "1")).toEqual([
      0,
      `${none}: there is no table nosuch, and no entry of it`,
    ]);
    expect(await shown("--table", "days_1")).toEqual([
      0,
      `${none}: days_1 is a partition of app.days, which its changes are recorded under`,
    ]);
    expect(await shown("--table", "people", "--key", "1")).toEqual([0, none]);
    await project.sql`insert into shared.audit_log (table_name, operation) values ('app.dropped', 'DELETE')`;
    expect(await shown("--table", "dropped", "--key", "1")).toEqual([0, none]);
    await project.sql`delete from shared.audit_log where table_name = 'app.dropped'`;
  });
});

describe("audit undo", () => {
  it("prints the SQL, then runs it, and says how to take it back", async () => {
    const args = ["audit", "undo", "--table", "people", "--key", "9007199254740993"];
    const name = "x".repeat(80);
    const printed = await project.run([...args, "--dry-run"]);
    expect(printed.stdout)
      .toBe(`-- note: the old value of app.people.pin is masked in the log and stays as it is
begin isolation level read committed;
set local row_security = off;
set local datestyle = 'ISO, YMD';
set local intervalstyle = postgres;
set local extra_float_digits = 1;
set local lc_monetary = 'C';
-- Conflicts: rows that are no longer as recorded.
do $check$
#variable_conflict use_column
declare n bigint;
begin
  perform from app.people where id = '9007199254740993' and name = '${name}' for update; if not found then raise exception using message = 'app.people 9007199254740993: changed since, or not there any more'; end if;
end $check$;
update app.people set name = 'Ann' where id = '9007199254740993' and name = '${name}';
commit;
`);
    const done = await project.run(args);
    expect(done.stdout).toMatch(
      /Undid 1 change: 0 rows restored, 1 set back, 0 removed\nnext: pgwright audit undo --xid \d+ /,
    );
    expect(await project.sql`select name, pin from app.people`).toEqual([
      { name: "Ann", pin: "4321" },
    ]);
    const nothing = await project.run(["audit", "undo", "--xid", "1"]);
    expect([nothing.code, nothing.stdout]).toEqual([0, "No recorded change matches\n"]);
  });

  it("does not send anybody to later changes for a value that the log never had", async () => {
    await project.sql.unsafe(`insert into app.people (id, name, pin) values (8, 'Bo', '1');
      delete from app.people where id = 8;
      alter table app.people alter pin set not null`);
    const undo = await project.run(["audit", "undo", "--table", "people", "--key", "8"]);
    await project.sql`alter table app.people alter pin drop not null`;
    expect(undo.code).toBe(4);
    expect(undo.stderr).toMatch(
      /pin needs a value, which is masked[^]*hint: insert these rows by\s+hand/,
    );
  });

  it("writes no control character of data to a terminal", async () => {
    await project.sql`insert into app.people (id, name) values (7, ${"\x1b]0;owned\x07\u009b2J\r!"})`;
    await project.sql`delete from app.people where id = 7`;
    const log = await project.run(["audit", "log", "--table", "people", "--key", "7"]);
    expect(log.stdout).toContain("\\x1b]0;owned\\x07\\x9b2J\\x0d!");
    const args = ["audit", "undo", "--table", "people", "--key", "7"];
    const script = await project.run([...args, "--dry-run"]);
    expect(script.stdout).toContain("E'\\u001b]0;owned\\u0007\\u009b2J\\u000d!'");
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(log.stdout + script.stdout).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    expect((await project.run(args)).code).toBe(0);
    const [row] = await project.sql`select name from app.people where id = 7`;
    expect(row?.["name"]).toBe("\x1b]0;owned\x07\u009b2J\r!");
    await project.sql`delete from app.people where id = 7`;
  });

  it("tells mistakes of audit.yaml with their place", async () => {
    await writeFile(join(project.path, "policies", "audit.yaml"), "log: x\ntables: {}\n");
    const { code, stderr } = await project.run(["audit", "log"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /error\[config-invalid\]: `log` is not of the form `schema.table`[^]*audit\.yaml:1:6/,
    );
    await writeFile(join(project.path, "policies", "audit.yaml"), yaml);
  });
});
