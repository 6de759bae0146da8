import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { segment } from "../../../src/migrate/segment.ts";

beforeAll(async () => loadParser());

/** Runs in short: statements of a block joined by `;`, lone ones with their recovery. */
const runsOf = (sql: string, transaction = true) =>
  segment(parseScript(sql), transaction).map((run) =>
    run.kind === "block"
      ? run.statements.map(({ text }) => text).join("; ")
      : `${run.recovery}: ${run.statement.text}`,
  );

const transactional = [
  "create table t (a int)",
  "create index on t (a)",
  "drop index i",
  "analyze t",
  "alter table p detach partition p1",
  "alter table p detach partition p1 finalize",
  "refresh materialized view concurrently m",
  "alter database d set work_mem = '5MB'",
  "create subscription s connection 'x' publication p with (connect = false)",
  "create subscription s connection 'x' publication p with (create_slot = 'off')",
  "alter subscription s disable",
  "alter subscription s set publication p with (refresh = false)",
  "do $$ begin end $$",
  "call p()",
];

const alone: [string, string][] = [
  ["probe", "create index concurrently i on t (a)"],
  ["journal", "create index concurrently on t (a)"],
  ["probe", "drop index concurrently i"],
  ["probe", "reindex table concurrently t"],
  ["probe", "reindex (concurrently, verbose) index i"],
  ["repeat", "reindex (concurrently off) table t"],
  ["repeat", "reindex index i"],
  ["repeat", "reindex schema s"],
  ["repeat", "vacuum"],
  ["repeat", "vacuum (analyze) t"],
  ["repeat", "cluster"],
  ["repeat", "alter system set work_mem = '4MB'"],
  ["repeat", "discard all"],
  ["probe", "alter table p detach partition p1 concurrently"],
  ["journal", "create database d"],
  ["journal", "drop database d"],
  ["repeat", "drop database if exists d"],
  ["repeat", "alter database d set tablespace s"],
  ["journal", "create tablespace s location '/s'"],
  ["repeat", "drop tablespace if exists s"],
  ["journal", "create subscription s connection 'x' publication p"],
  ["journal", "drop subscription s"],
  ["repeat", "alter subscription s refresh publication"],
  ["repeat", "alter subscription s set publication p"],
  ["journal", "alter subscription s add publication p"],
  ["repeat", "alter subscription s set (failover = true)"],
];

describe("segment", () => {
  test.each(transactional)("%s may share a transaction", (sql) => {
    expect(runsOf(sql)).toEqual([sql]);
  });

  test.each(alone)("%s: %s runs alone", (recovery, sql) => {
    expect(runsOf(sql)).toEqual([`${recovery}: ${sql}`]);
  });

  test("keeps all statements in order, and none that must run alone in a block", () => {
    const statement = fc.constantFrom(...transactional, ...alone.map(([, sql]) => sql));
    const mustBeAlone = new Set(alone.map(([, sql]) => sql));
    fc.assert(
      fc.property(fc.array(statement), fc.boolean(), (sql, transaction) => {
        const runs = segment(parseScript(sql.join(";\n")), transaction);
        const blocks = runs.filter((run) => run.kind === "block");
        const texts = runs.flatMap((run) =>
          run.kind === "block" ? run.statements.map(({ text }) => text) : [run.statement.text],
        );
        expect(texts).toEqual(sql);
        for (const { statements } of blocks) {
          expect(statements.length).toBeGreaterThan(0);
          expect(statements.filter(({ text }) => mustBeAlone.has(text))).toEqual([]);
        }
        // Two blocks in a row would be a transaction torn apart for nothing.
        for (const [i, run] of runs.entries()) {
          expect(run.kind === "block" && runs[i + 1]?.kind === "block").toBe(false);
        }
        expect(transaction || blocks.length === 0).toBe(true);
      }),
    );
  });

  test("without statements there are no runs", () => {
    expect(runsOf("-- nothing")).toEqual([]);
    expect(runsOf("", false)).toEqual([]);
  });

  test("with transaction:false every statement says whether it may run twice", () => {
    expect(
      runsOf(
        "create table t (a int); create table if not exists t (a int); update t set a = 1; comment on table t is 'x'; alter table t alter a set not null, alter a drop default; alter table t add b int; alter table t add if not exists b int; select 1; select f(); with x as (delete from t returning 1) select 1; select 1 into u; create or replace view v as select 1; drop table if exists t; call p()",
        false,
      ).map((run) => run.replace(/ .*/, "")),
    ).toEqual(
      "journal: repeat: journal: repeat: repeat: journal: repeat: repeat: journal: journal: journal: repeat: repeat: journal:".split(
        " ",
      ),
    );
  });
});

describe("a new enum value", () => {
  test("is committed before a statement that uses it", () => {
    const runs = segment(
      parseScript(
        "create table a (); alter type mood add value 'calm'; create table b (); alter table t alter m set default 'calm'; select 1",
      ),
      true,
    );
    expect(runs.map((run) => run.kind === "block" && run.statements.length)).toEqual([2, 3]);
    expect(runs[0]).toMatchObject({ endsBecause: expect.stringContaining("'calm'") as string });
  });

  test.each([
    ["alter type m add value 'a'; alter type m add value 'b'; select 'a'::m, 'b'::m", [2, 1]],
    [
      "alter type m add value 'a'; select 'a'::m; alter type m add value 'b'; select 'b'::m",
      [1, 2, 1],
    ],
    ["alter type m add value 'a'; alter type m add value 'b'; select 'a'::m", [1, 2]],
    ["alter type m add value 'a'; select '{x,a}'::m[]", [1, 1]],
    ["alter type m add value 'abc'; do $$ begin insert into t values ('abc'); end $$", [1, 1]],
    [
      "alter type m add value 'abc'; create function f() returns m language sql as 'select ''abc''::m'",
      [1, 1],
    ],
    ["alter type m add value 'a'; create index on t (x) where m = 'a'", [1, 1]],
    ["alter type m add value 'a'; select 1; alter table t add a int", [3]],
    ["alter type m rename value 'a' to 'b'; select 'b'::m", [2]],
    ["alter type m add value 'a'; vacuum; select 'a'::m", [1, false, 1]],
  ])("splits %j into blocks of %j", (sql, sizes) => {
    const runs = segment(parseScript(sql), true);
    expect(runs.map((run) => run.kind === "block" && run.statements.length)).toEqual(sizes);
  });
});
