/**
 * Random schemas: circles of keys, composite keys, domains with checks, exclusion constraints, partial
 * indexes, names that need quotes, 129 columns. Each is filled, or refused with the true reason.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { PgwrightError } from "../../../src/errors.ts";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

const types = [
  "int",
  "smallint",
  "bigint",
  "text",
  "varchar(12)",
  "numeric(8, 2)",
  "date",
  "timestamptz",
  "uuid",
  "boolean",
  "jsonb",
  "text[]",
  "int4range",
  "tstzrange",
  "digit",
  "mail",
  '"a Word"',
  '"Mood"',
] as const;

const domains = `
create domain digit as smallint check (value between 1 and 9);
create domain mail as text check (value ~ '^[a-z]+@[a-z]+[.]org$');
create domain "a Word" as varchar(20) not null check (length(value) > 2 and value <> 'word');
create type "Mood" as enum ('sad', 'ok', 'it''s "fine"');`;

const checks = [
  (name: string, type: string) =>
    /^(int|smallint|bigint|numeric.*)$/.test(type)
      ? `check (${name} >= 10 and ${name} < 5000)`
      : "",
  (name: string, type: string) =>
    /text$|varchar/.test(type) ? `check (length(${name}) between 3 and 12)` : "",
  (name: string, type: string) => (type === "date" ? `check (${name} > '2020-01-01')` : ""),
  () => "",
];

const column = fc.record({
  type: fc.constantFrom(...types),
  notNull: fc.boolean(),
  unique: fc.boolean(),
  check: fc.nat(3),
  excludes: fc.boolean(),
});
const table = fc.record({
  key: fc.constantFrom(
    ["int"],
    ["uuid"],
    ["bigint generated always as identity"],
    ["text"],
    ["int", "text"],
    ["uuid", "date"],
  ),
  columns: fc.array(column, { maxLength: 6 }),
  parents: fc.array(fc.record({ table: fc.nat(5), notNull: fc.boolean(), unique: fc.boolean() }), {
    maxLength: 3,
  }),
  pair: fc.boolean(),
  partial: fc.boolean(),
  isWide: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  rows: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 2 }),
});
const schema = fc.array(table, { minLength: 1, maxLength: 5 });
type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

const named = (n: number) => `"Table ${n}"`;

function ddl(tables: readonly Table[]): string {
  const statements = tables.map((one, n) => {
    const { key, columns, parents, pair, isWide } = one;
    const own = columns.map(({ type, notNull, unique, check }, c) => {
      const name = `"c ${c}"`;
      const canBeUnique = unique && !/bool|json|\[\]/.test(type);
      return `${name} ${type}${notNull ? " not null" : ""}${canBeUnique ? " unique" : ""} ${checks[check]?.(name, type) ?? ""}`;
    });
    const links = parents.flatMap(({ table: target, notNull }, c) =>
      (tables[target % tables.length]?.key ?? []).map(
        (type, k) => `p${c}_${k} ${type.split(" ")[0]}${notNull ? " not null" : ""}`,
      ),
    );
    const uniques = parents.flatMap(({ unique }, c) =>
      unique ? [`unique (${linkColumns(tables, one, c).join(", ")})`] : [],
    );
    const pairs = pair && parents.length > 1 ? ["unique (p0_0, p1_0)"] : [];
    const exclusions = columns.flatMap(({ type, excludes }, c) =>
      excludes && type.endsWith("range") ? [`exclude using gist ("c ${c}" with &&)`] : [],
    );
    const wide = isWide
      ? Array.from({ length: 125 }, (_, w) => `"Wide ""${w}""" ${types[w % types.length]}`)
      : [];
    const keys = key.map((type, k) => `k${k} ${type}`);
    const primary = `primary key (${key.map((_, k) => `k${k}`).join(", ")})`;
    return `create table ${named(n)} (${[...keys, ...own, ...links, ...wide, primary, ...uniques, ...pairs, ...exclusions].join(", ")});`;
  });
  const partials = tables.flatMap(({ columns, partial }, n) => {
    const flag = columns.findIndex(({ type }) => type === "boolean");
    const other = columns.findIndex(({ type }) => type === "digit");
    return partial && flag >= 0 && other >= 0
      ? [`create unique index on ${named(n)} ("c ${other}") where "c ${flag}";`]
      : [];
  });
  const keys = tables.flatMap((one, n) =>
    one.parents.map(
      ({ table: target }, c) =>
        `alter table ${named(n)} add foreign key (${linkColumns(tables, one, c).join(", ")}) references ${named(target % tables.length)};`,
    ),
  );
  return [domains, ...statements, ...partials, ...keys].join("\n");
}

function linkColumns(tables: readonly Table[], { parents }: Table, c: number): string[] {
  const target = tables[(parents[c]?.table ?? 0) % tables.length];
  return (target?.key ?? []).map((_, k) => `p${c}_${k}`);
}

it("are filled, or refused with the true reason", async () => {
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(schema, async (tables) => {
      await using database = await withDatabase();
      await database.sql.unsafe(ddl(tables));
      const requests = Object.fromEntries(
        tables.flatMap(({ rows }, n) =>
          rows === null ? [] : [[`public.Table ${n}`, { rows, columns: {} }] as const],
        ),
      );
      for (let tries = 0; ; tries += 1) {
        try {
          const { loaded } = await runSeed(database, { scale: 0.3, requests });
          expect(loaded).toHaveLength(tables.length);
          return;
        } catch (error) {
          // As many as are said to be possible are possible.
          const message = error instanceof PgwrightError ? error.message : "";
          const said = /(public\.Table \d): \d+ rows are asked for, and .*? allows (\d+)(;|$)/.exec(
            message,
          );
          const [, name = "", most] = said ?? [];
          if (!said || tries > tables.length) throw error;
          refusals += 1;
          requests[name] = { rows: Math.floor(Number(most) / 0.3), columns: {} };
        }
      }
    }),
    { numRuns: 40, seed: 20260101 },
  );
  expect(refusals).toBeGreaterThan(0);
});
