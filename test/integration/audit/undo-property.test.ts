/** Any changes of rows of any types, undone: the rows are as they were to the last byte. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { literal } from "../../../src/db/identifier.ts";
import type { Session } from "../../../src/db/session.ts";
import { applyUndo, planUndo } from "../../../src/policies/audit/undo.ts";
import { auditLogSql, declare, install } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";

const yaml =
  "log: shared.audit_log\ntables:\n  app.keyed:\n  app.named:\n  app.pair:\n  app.parts:\n  app.keyless:\n";

// Values that something or other confuses: equal but not the same, special, empty, padded.
const types: Readonly<Record<string, readonly string[]>> = {
  boolean: ["true", "false"],
  smallint: ["-32768", "0"],
  bigint: ["9223372036854775807", "-1"],
  numeric: [
    "1",
    "1.0",
    "1.00",
    "NaN",
    "-Infinity",
    "0.000000000000000000001",
    "123456789012345678901234567890",
  ],
  real: ["0", "-0", "1e-45", "3.4028235e38", "NaN"],
  "double precision": ["0", "-0", "0.1", "1e300", "5e-324", "Infinity", "-Infinity"],
  money: ["1.50", "-92233720368547758.08"],
  text: ["", " ", "'", "\\", "\\x41", "null", "NULL", "{}", '"q"', "Ω\n\t", '{"a":1}'],
  "character(5)": ["a", "abcde"],
  bpchar: ["a", "a  "],
  '"char"': ["a", "b"],
  name: ["n", "N"],
  bytea: ["\\x", "\\x00ff5c27"],
  uuid: ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-4fff-8fff-ffffffffffff"],
  date: ["0044-03-15 BC", "2024-02-29", "10000-01-01", "infinity", "-infinity"],
  time: ["24:00:00", "00:00:00.000001"],
  timetz: ["12:00:00+02", "12:00:00-15:59"],
  timestamp: ["4713-01-01 00:00:00 BC", "2024-01-01 00:00:00.000001", "infinity"],
  timestamptz: [
    "2024-03-31 01:30:00.5+00",
    "1900-01-01 00:00:00+00",
    "infinity",
    "-infinity",
    "0001-01-01 00:00:00+00 BC",
  ],
  interval: ["1 day", "24 hours", "-1 mon +2 days -03:04:05.678", "1 year 2 mons"],
  json: ["null", '{"b":1,  "a":1, "a":2}', '"x"', "[1.0]"],
  jsonb: [
    "null",
    '"null"',
    '"x"',
    "1.00",
    "1.0",
    "[]",
    "{}",
    "[null, 1]",
    '{"a": [1e5, "\\""]}',
    "true",
    "9007199254740993",
  ],
  xml: ["<a/>", "<a></a>"],
  point: ["(1,2)", "(-0,1e-300)"],
  box: ["(1,1),(0,0)", "(2,1),(1.5,-1)"],
  circle: ["<(0,0),1>"],
  inet: ["10.0.0.1", "10.0.0.1/8", "::1"],
  cidr: ["10.0.0.0/8"],
  macaddr: ["08:00:2b:01:02:03"],
  "bit(3)": ["101"],
  varbit: ["", "1"],
  tsvector: ["'a':1A 'b'"],
  "integer[]": ["{}", "{1,NULL,2}", "[0:1]={1,2}", "{{1,2},{3,4}}", "[-1:-1]={7}"],
  "text[]": ["{}", '{NULL,"NULL","","a,b","\\"","\\\\"}'],
  "numeric[]": ["{1.0,1.00,NaN}"],
  "double precision[]": ["{-0,0,NaN}"],
  "timestamptz[]": ['{"2024-03-31 01:30:00+00",infinity}'],
  "jsonb[]": ['{null,NULL,"\\"x\\""}'],
  "interval[]": ['{"24 hours","1 day"}'],
  "app.mood": ["sad", "o'k"],
  "app.mood[]": ["{sad,NULL}"],
  "app.pair_type": ["(1,1.0)", "(,)", '(1,"2024-01-01 00:00:00+00")'].slice(0, 2),
  "app.code": ["a", "B"],
  "app.codes": ["{a,b}", "[2:2]={a}"],
  numrange: ["empty", "[1.0,2.00)", "(,)"],
  tstzrange: ['["2024-01-01 00:00:00+00",infinity)'],
  datemultirange: ["{[2024-01-01,2024-01-02),[2025-01-01,)}"],
  "app.cased": ["a", "A"],
};
const columns = Object.entries(types).map(([type, values], i) => ({ name: `c${i}`, type, values }));
const columnList = columns
  .map(({ name, type }) => `${name} ${type === "app.cased" ? "text collate app.nocase" : type}`)
  .join(", ");

const value = (values: readonly string[]) =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("null") },
    { weight: 4, arbitrary: fc.constantFrom(...values).map((text) => literal(text)) },
  );
const row = fc.tuple(...columns.map(({ values }) => value(values)));
const set = fc
  .array(
    fc
      .constantFrom(...columns)
      .chain((column) => value(column.values).map((text) => ({ ...column, text }))),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) =>
    [...new Map(list.map((one) => [one.name, `${one.name} = ${one.text}`])).values()].join(", "),
  );

const keys = [1, 2, 3, 4];
const step = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), key: fc.constantFrom(...keys), row }),
  fc.record({ kind: fc.constant("update" as const), key: fc.constantFrom(...keys), set }),
  fc.record({
    kind: fc.constant("rekey" as const),
    key: fc.constantFrom(...keys),
    to: fc.constantFrom(...keys),
  }),
  fc.record({ kind: fc.constant("delete" as const), key: fc.constantFrom(...keys) }),
);
const setting = fc.record({
  timezone: fc.constantFrom("UTC", "Asia/Kolkata", "America/St_Johns"),
  datestyle: fc.constantFrom("ISO, DMY", "German", "SQL, MDY", "Postgres"),
  intervalstyle: fc.constantFrom("postgres", "sql_standard", "iso_8601"),
  extra_float_digits: fc.constantFrom("1", "-10"),
  bytea_output: fc.constantFrom("hex", "escape"),
});

describe("any changes, undone", () => {
  let database: TestDatabase;
  let session: Session;
  let worker: Session;

  beforeAll(async () => {
    database = await withDatabase();
    session = await connectTo(database.url, { writes: true });
    worker = await connectTo(database.url, { writes: true });
    await session.script(`${auditLogSql()};
      create schema app;
      create collation app.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create type app.mood as enum ('sad', 'o''k');
      create type app.pair_type as (a int, b numeric);
      create domain app.code as text collate "C";
      create domain app.codes as text[];
      create table app.keyed (id int primary key, made timestamptz, ${columnList});
      create table app.named (id text collate app.nocase primary key, made timestamptz, ${columnList});
      create table app.pair (id int, made timestamptz, ${columnList}, primary key (made, id));
      create table app.parts (id int primary key, made timestamptz, ${columnList}) partition by hash (id);
      create table app.parts_0 partition of app.parts for values with (modulus 2, remainder 0);
      create table app.parts_1 partition of app.parts for values with (modulus 2, remainder 1);
      create table app.keyless (id int, made timestamptz, ${columnList})`);
    await install(session, yaml);
  });

  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const image = async (table: string) => {
    const { rows } = await session.one<{ rows: string | null }>(
      `select string_agg(t::text, e'\\n' order by id, t::text) as rows from ${table} t`,
    );
    return rows;
  };

  it.each(["app.keyed", "app.named", "app.pair", "app.parts", "app.keyless"])(
    "%s",
    async (table) => {
      // Two keys that are written in two ways each.
      const id = (key: number) => (table === "app.named" ? literal("aAbB".charAt(key - 1)) : key);
      const run = async (
        steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
      ) => {
        for (const one of steps) {
          const names = columns.map(({ name }) => name).join(", ");
          const sql =
            one.kind === "insert"
              ? `insert into ${table} (id, made, ${names}) values (${id(one.key)}, '2024-01-0${one.key} 12:00Z', ${one.row.join(", ")})${table === "app.keyless" ? "" : " on conflict do nothing"}`
              : one.kind === "update"
                ? `update ${table} set ${one.set} where id = ${id(one.key)}`
                : one.kind === "rekey"
                  ? `update ${table} set id = ${id(one.to)}, made = '2024-01-0${one.to} 12:00Z' where id = ${id(one.key)} and not exists (select from ${table} where id = ${id(one.to)} and id <> ${id(one.key)})`
                  : `delete from ${table} where id = ${id(one.key)}`;
          await worker.script(sql);
        }
      };
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 6 }),
          fc.array(step, { minLength: 1, maxLength: 8 }),
          setting,
          async (before, after, settings) => {
            await worker.script(`truncate ${table}, shared.audit_log`);
            await run(before);
            const start = await image(table);
            await session.script("truncate shared.audit_log");
            for (const [name, text] of Object.entries(settings)) {
              await worker.script(`set ${name} = ${literal(text)}`);
            }
            await run(after);
            await worker.script("reset all");
            const options = {
              log: "shared.audit_log",
              declared: declare(yaml),
              role: undefined,
              skipConflicts: false,
              lockTimeoutMs: 1000,
            };
            const selection = { actor: "postgres", since: "1h" };
            const plan = await planUndo(session, selection, options);
            await applyUndo(session, plan, selection, options);
            expect(await image(table)).toBe(start);
          },
        ),
        { numRuns: Number(process.env["PGWRIGHT_TEST_RUNS"] ?? 12), seed: 7 },
      );
    },
  );
});
