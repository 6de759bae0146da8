import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { validateFiles } from "../../../src/migrate/validate.ts";
import { migration, withDirectory } from "./directory.ts";

/** Findings of one file as "rule line:column", in order. */
async function findingsOf(text: string, name = "001_a.sql"): Promise<string[]> {
  await using directory = await withDirectory({ [name]: text });
  const { findings } = await validateFiles(directory.path, { environment: {} });
  return findings.map(
    ({ rule, severity, at }) =>
      `${severity === "error" ? "" : `${severity} `}${rule.replace("migrations/", "")} ${at?.line}:${at?.column}`,
  );
}

const up = (sql: string) => findingsOf(migration(sql));

describe("validateFiles", () => {
  test("has nothing to say about good files", async () => {
    await using directory = await withDirectory({
      "001_a.sql": migration("create table a (b int);", "drop table a;"),
      "002_b.sql": migration("create index concurrently i on a (b);", "drop index concurrently i;"),
      "003_c.sql":
        "-- change: major\n-- irreversible: gone\n-- migrate:up transaction:false\ndo $$ begin end $$;",
      "004_d.ts": "export const up = (pgm: any) => pgm.createTable('t', { id: 'id' });",
      "R_e.sql": "create or replace view v as select 1;",
    });
    const result = await validateFiles(directory.path, { environment: {} });
    expect(result.findings).toEqual([]);
    expect(result).toMatchObject({ fileCount: 5, repeatables: ["R_e.sql"], base: null });
    expect(
      result.migrations.map(
        ({ version, change, isDeclared, isReversible, statementsAlone, reasons }) => [
          version,
          change,
          isDeclared,
          isReversible,
          statementsAlone,
          reasons[0],
        ],
      ),
    ).toEqual([
      ["001", "minor", false, true, 0, "table `a` is new"],
      ["002", "patch", false, true, 1, "an index on `a`"],
      ["003", "major", true, false, 1, "what a DO block does cannot be judged from the file"],
      ["004", "minor", false, true, 0, "table `t` is new"],
    ]);
  });

  test.each([
    ["selec 1;", ["syntax-error 2:1"]],
    ["select 1;\nselect '😀' selec 2;", ["syntax-error 3:18"]],
    ["select 'open;", ["syntax-error 2:8"]],
    [
      "\\restrict abc\nselect 1;\n  \\i x.sql\nselec 2;",
      ["psql-command 2:1", "psql-command 4:3", "syntax-error 5:1"],
    ],
    ["select 'create table x()' \\gexec\nselect 2;", ["psql-command 2:27"]],
    ["select 1;\ncopy t from stdin;\nit's\n\\.\nselec 1;", ["copy-data 4:1", "syntax-error 6:1"]],
    ["select 1;\ncopy t from stdin;\nit's\n\\.\nselect 1;", ["copy-data 3:1"]],
    ["copy t from stdin;\n1\t2\n", ["copy-data 3:1"]],
    ["copy t to stdout;", ["copy-data 2:1"]],
    ["copy t from '/data.csv'; copy t to program 'x';", []],
    ["begin;\nselect 1;\ncommit;", ["transaction-control 2:1", "transaction-control 4:1"]],
    [
      "savepoint a; rollback to a; prepare transaction 'x';",
      ["transaction-control 2:1", "transaction-control 2:14", "transaction-control 2:29"],
    ],
    ["set transaction isolation level serializable;", ["transaction-control 2:1"]],
    ["do $$ begin perform 1; end $$;", []],
    ["create index concurrently on t (a);", ["unnamed-concurrent-index 2:1"]],
    ["create index on t (a);", []],
    ["create index concurrently if not exists i on t (a);", ["concurrent-if-not-exists 2:1"]],
    ["set search_path = a;", ["warning session-setting 2:1"]],
    ["select pg_catalog.set_config('search_path', '', false);", ["warning session-setting 2:1"]],
    ["select set_config('app.user', '', true); set local work_mem = '1MB';", []],
    ["set session characteristics as transaction read only;", ["warning session-setting 2:1"]],
    ["reset search_path;", []],
    ["set statement_timeout = 0; create index concurrently i on t (a);", []],
    ["set role x;", ["role-change 2:1"]],
    [
      "reset role; set session authorization x; reset all; discard all;",
      ["role-change 2:1", "role-change 2:13", "role-change 2:42", "role-change 2:53"],
    ],
    ["select set_config('role', 'x', false);", ["role-change 2:1"]],
    ["set local role x;", ["warning role-change 2:1"]],
    [
      "lock table t; set local work_mem = '1MB'; vacuum; set local work_mem = '2MB'; select 1;",
      ["warning lost-setting 2:1"],
    ],
    // Repeated behind each cut.
    ["vacuum; select 1; set local work_mem = '1MB'; vacuum;", []],
    ["vacuum; lock table t; select 1; vacuum; select 2;", []],
    ["vacuum; select 1; lock table t; vacuum;", ["warning lost-setting 2:19"]],
    [
      "do $$begin perform set_config('search_path', 'a', false); end$$; vacuum;",
      ["lost-setting 2:1"],
    ],
    ["do $$begin execute 'alter function f() set search_path = a'; end$$; vacuum;", []],
    [
      "do $$begin perform set_config('search_path', '', true); perform set_config('search_path', 'a', true); end$$; vacuum;",
      [],
    ],
    ["do $$begin perform set_config('search_path', 'a', false); end$$; select 1;", []],
    ["create temp table a (b int) on commit drop; vacuum;", ["lost-temporary 2:1"]],
    ["create temp table a on commit delete rows as select 1; vacuum;", ["lost-temporary 2:1"]],
    ["do 'begin create temp table a () on commit drop; end'; vacuum;", ["lost-temporary 2:1"]],
    ["create temp table a (b int); select 1; vacuum;", ["warning lost-temporary 2:1"]],
    ["select 1 into temp a; vacuum;", ["warning lost-temporary 2:1"]],
    ["create table a (temp int); insert into a (temp) values (1); vacuum;", []],
    ["vacuum; create temp table a (b int) on commit drop;", []],
  ])("says of %j: %j", async (sql, expected) => expect(await up(sql)).toEqual(expected));

  test.each([
    ["-- migrate:up\nselect 1;\n", ["missing-down 1:1"]],
    ["-- migrate:up\nselect 1;\n-- migrate:down\n-- later\n", ["missing-down 3:1"]],
    ["-- irreversible: no\n-- migrate:up\nselect 1;\n", []],
    ["-- migrate:up\nselect 1;\n-- migrate:down\ndrop tabel a;\n", ["syntax-error 4:6"]],
    ["-- migrate:up\nselect 1;\n-- migrate:down\ncommit;\n", ["transaction-control 4:1"]],
    [
      "-- migrate:up transaction:false\nset local work_mem = '1MB';\nset work_mem = '1MB';\n-- irreversible: x",
      ["warning lost-setting 2:1"],
    ],
    [
      migration("select 1;\nalter table t drop column a;", "select 1;", "-- change: minor\n"),
      ["change-too-low 4:1"],
    ],
    [migration("alter table t alter a type bigint;", "select 1;", "-- change: patch\n"), []],
    [migration("comment on table t is '';", "select 1;", "-- change: major\n"), []],
  ])("says of the file %j: %j", async (text, expected) => {
    expect(await findingsOf(text)).toEqual(expected);
  });

  test.each([
    ["create or replace view v as select 1;\nvacuum;", ["repeatable-alone 2:1"]],
    ["begin;", ["transaction-control 1:1"]],
    ["create or replace view v as select 1", []],
  ])("says of the repeatable %j: %j", async (text, expected) => {
    expect(await findingsOf(text, "R_a.sql")).toEqual(expected);
  });

  test.each([
    ["export const up = (pgm: any) => { throw new Error('no') };", ["code-failed 1:28"]],
    ["export const down = 1;", ["code-failed 1:1"]],
    ["export const up = (pgm: any) => pgm.sql('selec 1');", ["syntax-error 1:1"]],
    ["export const up = (pgm: any) => {};", ["empty-section 1:1", "missing-down 1:1"]],
    ["export const up = (pgm: any) => pgm.dropTable('a');", ["missing-down 1:1"]],
    [
      "export const up = (pgm: any) => pgm.dropTable('a');\nexport const down = false;\nexport const change = 'minor';",
      ["change-too-low 1:1"],
    ],
    [
      "export const up = (pgm: any) => pgm.createIndex('a', 'b', { concurrently: true, name: 'i' });",
      [],
    ],
  ])("says of the code %j: %j", async (text, expected) => {
    expect(await findingsOf(text, "001_a.ts")).toEqual(expected);
  });

  test("a finding has a hint, and the text for a code frame but for generated SQL", async () => {
    await using directory = await withDirectory({
      "001_a.sql": migration("\\restrict x"),
      "002_b.sql": migration("alter table t drop column a;", "select 1;", "-- change: patch\n"),
      "003_c.ts": "export const up = (pgm: any) => pgm.sql('commit');\nexport const down = false;",
    });
    const { findings } = await validateFiles(directory.path, { environment: {} });
    const seen = findings.map(({ at, message, hint, source }) => ({
      file: basename(at?.file ?? ""),
      message,
      hint,
      isFramed: source !== undefined,
    }));
    expect(seen).toEqual([
      {
        file: "001_a.sql",
        message: "`\\restrict x` is a command of psql",
        hint: "delete the line: pg_dump writes it for psql alone",
        isFramed: true,
      },
      {
        file: "002_b.sql",
        message: "declared patch, but column `t.a` is dropped: that is major",
        hint: "declare `-- change: major`, or leave the line out",
        isFramed: true,
      },
      {
        file: "003_c.ts",
        message: "`commit` in a migration",
        hint: expect.stringContaining("remove it") as string,
        isFramed: false,
      },
    ]);
  });

  test("findings come by file and place", async () => {
    await using directory = await withDirectory({
      "002_b.sql": "select 1;",
      "001_a.sql": migration("select 1;\ncommit;", "rollback;"),
      "1_c.sql": migration("select 1;"),
    });
    const { findings } = await validateFiles(directory.path, { environment: {} });
    expect(findings.map(({ at }) => `${basename(at?.file ?? "")}:${at?.line}`)).toEqual([
      "001_a.sql:3",
      "001_a.sql:6",
      "002_b.sql:1",
      "1_c.sql:1",
    ]);
  });
});
