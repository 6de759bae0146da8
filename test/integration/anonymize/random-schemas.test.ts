/** Random schemas are seeded, masked by the rules that are drafted for them, and proven clean. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { draftRules } from "../../../src/anonymize/draft.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";
import { copyMasked, ledger, verifyWith } from "../../support/verify.ts";

const names = [
  "email",
  "Full Name",
  "phone",
  "birth_date",
  "notes",
  "city",
  "meta",
  "tags",
  "seen_from",
  "token",
  "amount",
  "kind",
] as const;

const typesOf: Record<(typeof names)[number], readonly string[]> = {
  email: ["text", "varchar(60)"],
  "Full Name": ["text", "varchar(40)"],
  phone: ["text", "varchar(20)"],
  birth_date: ["date", "timestamptz"],
  notes: ["text"],
  city: ["varchar(30)"],
  meta: ["jsonb", "json"],
  tags: ["text[]"],
  seen_from: ["inet"],
  token: ["uuid", "bytea"],
  amount: ["numeric(8, 2)", "float8"],
  kind: ["mood"],
};

const column = fc.constantFrom(...names).chain((name) =>
  fc.record({
    name: fc.constant(name),
    type: fc.constantFrom(...typesOf[name]),
    notNull: fc.boolean(),
    unique: fc.boolean(),
  }),
);
const table = fc.record({
  key: fc.constantFrom("int", "uuid", "text"),
  columns: fc.uniqueArray(column, { maxLength: 7, selector: ({ name }) => name }),
  parent: fc.option(fc.nat(3), { freq: 2 }),
  isPartitioned: fc.boolean(),
});
const schema = fc.array(table, { minLength: 1, maxLength: 4 });
type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

function ddl(tables: readonly Table[]): string {
  const made = tables.map(({ key, columns, isPartitioned }, n) => {
    const own = columns.map(({ name, type, notNull, unique }) => {
      // A unique key of a partitioned table holds its partition key.
      const canBeUnique = unique && !isPartitioned && /email|token/.test(name);
      return `"${name}" ${type}${notNull ? " not null" : ""}${canBeUnique ? " unique" : ""}`;
    });
    const body = `(${[`id ${key} primary key`, ...own].join(", ")})`;
    if (!isPartitioned) return `create table "Table ${n}" ${body};`;
    const leaf = (remainder: number) =>
      `create table leaf_${n}_${remainder} partition of "Table ${n}" for values with (modulus 2, remainder ${remainder});`;
    return `create table "Table ${n}" ${body} partition by hash (id);${leaf(0)}${leaf(1)}`;
  });
  const keys = tables.flatMap(({ parent }, n) => {
    const target = (parent ?? 0) % tables.length;
    return parent === null
      ? []
      : [
          `alter table "Table ${n}" add parent ${tables[target]?.key} references "Table ${target}";`,
        ];
  });
  return ["create type mood as enum ('sad', 'ok');", ...made, ...keys].join("\n");
}

async function draft(database: TestDatabase): Promise<string> {
  await using session = await connectTo(database.url);
  const path = "policies/masking.yaml";
  const { text } = await draftRules(session, {
    ledger,
    path,
    shownPath: path,
    dryRun: true,
    ignored: [],
    events: () => {},
  });
  return text;
}

it("are seeded, masked as drafted, and verified clean", async () => {
  let sought = 0;
  await fc.assert(
    fc.asyncProperty(schema, async (tables) => {
      await using source = await withDatabase();
      await using target = await withDatabase();
      await source.sql.unsafe(ddl(tables));
      await runSeed(source, { scale: 0.2 });
      const rules = await draft(source);
      await copyMasked(source, target, rules);
      const { findings, isClean, survival } = await verifyWith(source, target, rules);
      expect({
        isClean,
        errors: findings.filter(({ severity }) => severity === "error"),
        rules,
      }).toEqual({ isClean: true, errors: [], rules });
      sought += survival.columns.reduce((sum, one) => sum + one.sought, 0);
      for (const n of tables.keys()) {
        const count = `select count(*)::int from "Table ${n}"`;
        expect(await target.sql.unsafe(count)).toEqual(await source.sql.unsafe(count));
      }
    }),
    { numRuns: 12, seed: 20260102 },
  );
  expect(sought).toBeGreaterThan(100);
});
