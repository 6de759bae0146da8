/** Random schemas, circles of keys among them: each is filled. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
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
] as const;

const checks = [
  (name: string, type: string) =>
    /int|numeric/.test(type) && type !== "int4range"
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
});
const table = fc.record({
  key: fc.constantFrom(
    "int primary key",
    "uuid primary key",
    "bigint generated always as identity primary key",
    "text primary key",
  ),
  columns: fc.array(column, { maxLength: 6 }),
  parents: fc.array(fc.record({ table: fc.nat(5), notNull: fc.boolean(), unique: fc.boolean() }), {
    maxLength: 3,
  }),
  pair: fc.boolean(),
});
const schema = fc.array(table, { minLength: 1, maxLength: 5 });

function ddl(
  tables: readonly (typeof schema extends fc.Arbitrary<infer T> ? T : never)[number][],
): string {
  const statements = tables.map(({ key, columns, parents, pair }, n) => {
    const own = columns.map(({ type, notNull, unique, check }, c) => {
      const canBeUnique = unique && !/bool|json|\[\]/.test(type);
      return `c${c} ${type}${notNull ? " not null" : ""}${canBeUnique ? " unique" : ""} ${checks[check]?.(`c${c}`, type) ?? ""}`;
    });
    const keyOf = (other: number) => (tables[other]?.key ?? "").split(" ")[0] ?? "";
    const links = parents.map(({ table: target, notNull, unique }, c) => {
      const other = target % tables.length;
      return `p${c} ${keyOf(other)}${notNull ? " not null" : ""}${unique ? " unique" : ""}`;
    });
    const pairs = pair && parents.length > 1 ? ["unique (p0, p1)"] : [];
    return `create table t${n} (${[`id ${key}`, ...own, ...links, ...pairs].join(", ")});`;
  });
  const keys = tables.flatMap(({ parents }, n) =>
    parents.map(
      ({ table: target }, c) =>
        `alter table t${n} add foreign key (p${c}) references t${target % tables.length};`,
    ),
  );
  return [...statements, ...keys].join("\n");
}

it("are filled", { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(schema, async (tables) => {
      await using database = await withDatabase();
      await database.sql.unsafe(ddl(tables));
      const { loaded } = await runSeed(database, { scale: 0.3 });
      expect(loaded).toHaveLength(tables.length);
    }),
    { numRuns: 40, seed: 20260101 },
  );
});
