/** Values that PostgreSQL calls equal, or NULL, and that are not the same: what is recorded of them and undone. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { PgwrightError } from "../../../src/errors.ts";
import { applyUndo, planUndo } from "../../../src/policies/audit/undo.ts";
import { auditLogSql, declare, install } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";

const yaml = `
log: shared.audit_log
tables:
  app.things: { mask: [secret] }
  app.names:
  app.codes:
  app.places:
  app.visits:
  app.members:
  app.badges:
`;

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = await withDatabase();
  session = await connectTo(database.url, { writes: true });
  await session.script(`${auditLogSql()};
    create schema app;
    create collation app.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create type app.place as (x int, y int);
    create type app.label as (n int, title text collate app.nocase);
    create domain app.spot as app.place;
    create table app.things (id int primary key, secret app.spot, name text collate app.nocase,
      names text[] collate app.nocase, label app.label, place app.place, spot app.spot, padded bpchar, n numeric);
    create table app.names (name text collate app.nocase primary key, note text);
    create table app.codes (id int primary key, code text, name text collate app.nocase unique, label app.label unique);
    create unique index on app.codes (code collate app.nocase);
    create table app.places (place app.place primary key, note text);
    create table app.visits (id int primary key, place app.place references app.places);
    create table app.members (name text collate app.nocase primary key);
    create table app.badges (id int primary key, member text collate app.nocase references app.members on update cascade)`);
  await install(session, yaml);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

beforeEach(() =>
  session.script(
    "truncate app.things, app.names, app.codes, app.places, app.visits, app.members, app.badges; truncate shared.audit_log",
  ),
);

/** Runs SQL in one transaction; its number. */
async function change(sql: string): Promise<string> {
  await session.script(`begin; ${sql}`);
  const { xid } = await session.one<{ xid: string }>("select pg_current_xact_id()::text as xid");
  await session.script("commit");
  return xid;
}

/** Undoes, after the script for psql was run up to its COMMIT. */
async function undo(...xids: readonly string[]): Promise<void> {
  const options = {
    log: "shared.audit_log",
    declared: declare(yaml),
    role: undefined,
    skipConflicts: false,
    lockTimeoutMs: 1000,
  };
  const plan = await planUndo(session, { xids }, options);
  await session.script(plan.script.replace(/commit;\n$/, "rollback;\n"));
  await applyUndo(session, plan, { xids }, options);
}

async function refusal(...xids: readonly string[]): Promise<readonly string[]> {
  try {
    await undo(...xids);
  } catch (error) {
    if (error instanceof PgwrightError && error.code === "undo-refused")
      return error.details.notes ?? [];
    throw error;
  }
  return ["undone"];
}

const state = async (table: string) =>
  (
    await session.one<{ rows: string | null }>(
      `select string_agg(t::text, ' ' order by t::text collate "C") as rows from ${table} t`,
    )
  ).rows;

describe("a value with NULLs in it", () => {
  it("is a value where it is masked", async () => {
    await session.script(
      "insert into app.things (id, secret) values (1, row(1, null)), (2, row(null, null)), (3, null), (4, row(1, 2))",
    );
    expect(
      await session.query(
        "select record_id as id, new_values ->> 'secret' as secret from shared.audit_log order by seq",
      ),
    ).toEqual([
      { id: "1", secret: "***" },
      { id: "2", secret: "***" },
      { id: "3", secret: null },
      { id: "4", secret: "***" },
    ]);
  });

  it.each(["place", "spot"])("is another than NULL where an undo looks at %s", async (column) => {
    await session.script(`insert into app.things (id, ${column}) values (1, row(1, 2))`);
    const xid = await change(`update app.things set ${column} = null`);
    await session.script(`update app.things set ${column} = row(null, null)`);
    expect(await refusal(xid)).toEqual([`app.things 1: changed since: ${column}`]);
    await session.script(`update app.things set ${column} = null`);
    await undo(xid);
    expect(await state(`(select ${column} from app.things)`)).toBe(`("(1,2)")`);
  });

  it("is a key by which a row is found, and one that others refer to", async () => {
    await session.script(
      "insert into app.places values (row(1, null), 'a'), (row(1, 2), 'b'); insert into app.visits values (1, row(1, 2))",
    );
    const before = [await state("app.places"), await state("app.visits")];
    const xid = await change(
      "update app.places set note = 'c'; delete from app.visits; delete from app.places where place = row(1, 2)::app.place; insert into app.places values (row(3, 4), 'd')",
    );
    await undo(xid);
    expect([await state("app.places"), await state("app.visits")]).toEqual(before);
    const added = await change("insert into app.places values (row(5, 6), 'e')");
    await session.script("insert into app.visits values (2, row(5, 6))");
    expect(await refusal(added)).toEqual(["app.places (5,6): app.visits refers to it since"]);
  });
});

describe("values that are equal and not the same", () => {
  it.each([
    ["name", "'Ann'", "'ann'"],
    ["names", "array['Ann']", "array['ann']"],
    ["label", "row(1, 'Ann')", "row(1, 'ann')"],
    ["padded", "'a'", "'a  '"],
    ["n", "1.50", "1.5"],
  ])("of %s are a change, recorded and undone", async (column, one, other) => {
    await session.script(`insert into app.things (id, ${column}) values (1, ${one})`);
    const before = await state(`(select ${column} from app.things)`);
    const xid = await change(`update app.things set ${column} = ${other}`);
    await undo(xid);
    expect(await state(`(select ${column} from app.things)`)).toBe(before);
    const again = await change(`update app.things set ${column} = ${other}`);
    await session.script(`update app.things set ${column} = ${one}`);
    expect(await refusal(again)).toEqual([`app.things 1: changed since: ${column}`]);
  });

  it("of a key are another key than was recorded", async () => {
    const added = await change("insert into app.names values ('Ann', 'a')");
    const renamed = await change("update app.names set name = 'ann'");
    expect(await refusal(added)).toEqual(["app.names Ann: changed since: name"]);
    await undo(renamed);
    expect(await state("app.names")).toBe("(Ann,a)");
    const changed = await change("update app.names set name = 'aNN', note = 'b'");
    await undo(changed);
    expect(await state("app.names")).toBe("(Ann,a)");
  });

  it("of a key that was deleted and added again", async () => {
    await session.script("insert into app.names values ('Ann', 'a')");
    const xid = await change("delete from app.names; insert into app.names values ('ANN', 'b')");
    await undo(xid);
    expect(await state("app.names")).toBe("(Ann,a)");
  });

  it.each([
    ["name", "'Ann'", "'ann'", "'Bob'", "'bob'"],
    ["code", "'Ann'", "'ann'", "'Bob'", "'bob'"],
    ["label", "row(1, 'Ann')", "row(1, 'ann')", "row(1, 'Bob')", "row(1, 'bob')"],
  ])("of %s make way for each other", async (column, ann, otherAnn, bob, otherBob) => {
    await session.script(`insert into app.codes (id, ${column}) values (1, ${ann}), (2, ${bob})`);
    const before = await state("app.codes");
    const replaced = await change(
      `delete from app.codes where id = 1; insert into app.codes (id, ${column}) values (3, ${otherAnn})`,
    );
    await undo(replaced);
    expect(await state("app.codes")).toBe(before);
    const shifted = await change(
      `update app.codes set ${column} = null where id = 1; update app.codes set ${column} = ${otherAnn} where id = 2`,
    );
    await undo(shifted);
    expect(await state("app.codes")).toBe(before);
    const swapped = await change(
      `update app.codes set ${column} = null where id = 1; update app.codes set ${column} = ${otherAnn} where id = 2;
       update app.codes set ${column} = ${otherBob} where id = 1`,
    );
    await undo(swapped);
    expect(await state("app.codes")).toBe(before);
  });

  it("of references come back as they were when the key does", async () => {
    await session.script(
      "insert into app.members values ('Ann'); insert into app.badges values (1, 'ANN'), (2, 'Ann')",
    );
    const before = [await state("app.members"), await state("app.badges")];
    for (const name of ["Bob", "ann"]) {
      const xid = await change(`update app.members set name = '${name}'`);
      await undo(xid);
      expect([await state("app.members"), await state("app.badges")]).toEqual(before);
    }
    const gone = await change("delete from app.badges; delete from app.members");
    await undo(gone);
    expect([await state("app.members"), await state("app.badges")]).toEqual(before);
  });
});
