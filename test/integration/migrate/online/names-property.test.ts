/** Names that PostgreSQL chooses, whatever tables and columns are called: by random statements. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ident } from "../../../../src/db/identifier.ts";
import type { MigrationProject } from "../../../support/migration-project.ts";
import { migration, withMigrations } from "../../../support/migration-project.ts";

const long = "a_table_or_a_column_with_a_name_of_sixty_bytes_which_is_long_";
const tableNames = ["t", "Order", `${long}1`, "ключ_таблица_с_длинным_именем_и_чем", "a b", "t_a"];
const columnNames = [
  "a",
  "b",
  "a_b",
  "Select",
  `${long}2`,
  "столбец_с_длинным_именем_для_обреза",
  "expr",
  "lower",
];

const column = fc.constantFrom(...columnNames);
const columns = fc.uniqueArray(column, { minLength: 1, maxLength: 3 });
const list = (names: readonly string[]) => names.map(ident).join(", ");

/** One command of an ALTER TABLE; every column is unique, positive, and the same in all tables. */
const command = fc.oneof(
  column.map((a) => `add check (${ident(a)} > 0)`),
  fc.tuple(column, column).map(([a, b]) => `ADD CHECK (${ident(a)} + ${ident(b)} > 0)`),
  columns.map((names) => `add unique (${list(names)})`),
  fc
    .tuple(columns, column)
    .map(([names, other]) => `add unique (${list(names)}) include (${ident(other)})`),
  column.map((a) => `alter ${ident(a)} set not null`),
  fc
    .tuple(column, fc.constantFrom(...tableNames))
    .map(([a, other]) => `add foreign key (${ident(a)}) references app.${ident(other)}`),
  fc.constantFrom(
    "add column %new int check (%new > 0)",
    "add %new int default 2 check (%new > 1) not null",
    "add %new int unique",
    "add %new int default 1 references app.one check (%new > 0)",
  ),
);

const element = fc.oneof(
  column.map(ident),
  column.map((a) => `${ident(a)} desc`),
  column.map((a) => `abs(${ident(a)})`),
  column.map((a) => `(${ident(a)} + 1)`),
  column.map((a) => `((${ident(a)} + 1)::text)`),
  column.map((a) => `(${ident(a)}::text)`),
);

const statement = fc
  .tuple(
    fc.constantFrom(...tableNames),
    fc.oneof(
      fc.array(command, { minLength: 1, maxLength: 3 }).map((all) => ({ alter: all })),
      fc
        .tuple(fc.boolean(), fc.array(element, { minLength: 1, maxLength: 3 }))
        .map(([isUnique, all]) => ({ index: all, isUnique })),
    ),
  )
  .map(([table, what]) =>
    "alter" in what
      ? `alter table app.${ident(table)} ${what.alter.join(", ")};`
      : `create ${what.isUnique ? "unique " : ""}index on app.${ident(table)} (${what.index.join(", ")});`,
  );

const tables = [
  "create schema app;",
  "create table app.one (id int primary key);",
  "insert into app.one values (1);",
  ...tableNames.flatMap((table) => [
    `create table app.${ident(table)} (id int primary key, ${columnNames.map((name) => `${ident(name)} int`).join(", ")});`,
    `insert into app.${ident(table)} select ${["n", ...columnNames.map(() => "n")].join(", ")} from generate_series(1, 5) n;`,
  ]),
].join("\n");

test("the same names, with and without --online", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 20, maxLength: 30 }), async (statements) => {
      let number = 0;
      const files = Object.fromEntries(
        statements.map((sql, index) => [
          `${String(index + 1).padStart(3, "0")}_it.sql`,
          migration(
            sql.replaceAll(/add (?:column )?%new[^,;]*/g, (text) => {
              number += 1;
              return text.replaceAll("%new", `new_${number}`);
            }),
            "select 1;",
          ),
        ]),
      );
      const [plain, online] = await Promise.all([run(files, []), run(files, ["--online"])]);
      expect(online).toBe(plain);
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

async function run(files: Record<string, string>, flags: readonly string[]): Promise<string> {
  await using project: MigrationProject = await withMigrations(files);
  await project.sql.unsafe(tables).simple();
  await project.mustRun(["migrate", ...flags]);
  return (await project.run(["dump"])).stdout;
}
