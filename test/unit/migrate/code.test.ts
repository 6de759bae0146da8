import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSections, readMigrations } from "../../../src/migrate/file.ts";
import type { Sections } from "../../../src/migrate/section.ts";
import { withDirectory } from "./directory.ts";

async function sectionsOf(
  source: string,
  name = "001_a.ts",
  others: Record<string, string> = {},
): Promise<Sections> {
  await using directory = await withDirectory({ [name]: source, ...others });
  const [file] = (await readMigrations(directory.path)).migrations;
  if (!file) throw new Error("no file");
  // Without await the directory would be gone before the module is read.
  return await loadSections(file);
}

describe("code migrations", () => {
  test("TypeScript becomes SQL, and its reverse is inferred", async () => {
    const sections = await sectionsOf(`
      import type { MigrationBuilder } from "node-pg-migrate";
      import { PgLiteral } from "node-pg-migrate";
      enum Unused { A }
      export const shorthands = { key: { type: "uuid", primaryKey: true } };
      export const change = "minor";
      export async function up(pgm: MigrationBuilder): Promise<void> {
        await Promise.resolve();
        pgm.createTable({ schema: "app", name: "t" }, { id: "key", n: { type: "int", default: new PgLiteral("1 + 1") } });
        pgm.createIndex({ schema: "app", name: "t" }, "n", { name: "t_n", concurrently: true });
      }`);
    expect(sections).toEqual({
      up: {
        text: `CREATE TABLE "app"."t" (
  "id" uuid PRIMARY KEY,
  "n" integer DEFAULT 1 + 1
);
CREATE INDEX CONCURRENTLY "t_n" ON "app"."t" ("n");
`,
        line: undefined,
        transaction: true,
      },
      down: {
        text: `DROP INDEX CONCURRENTLY "app"."t_n";\nDROP TABLE "app"."t";\n`,
        line: undefined,
        transaction: true,
      },
      irreversible: undefined,
      declaredChange: "minor",
    });
  });

  test("CommonJS with a callback, noTransaction and down = false", async () => {
    const sections = await sectionsOf(
      `exports.up = (pgm, done) => {
         pgm.noTransaction();
         setTimeout(() => { pgm.sql("select 'a;b'"); done(); }, 5);
       };
       exports.down = false;`,
      "001_a.js",
    );
    expect(sections).toMatchObject({
      up: { text: "select 'a;b';\n", transaction: false },
      down: undefined,
      irreversible: "`down` is `false`",
    });
  });

  test("a module with its own down, from another module, as default export", async () => {
    const sections = await sectionsOf(
      `import { table } from "./_names.mjs";
       export default { up: (pgm) => pgm.dropTable(table), down: (pgm) => pgm.createTable(table, { a: "int" }) };`,
      "001_a.mjs",
      { "_names.mjs": "export const table = 'things';" },
    );
    expect(sections.up.text).toBe('DROP TABLE "things";\n');
    expect(sections.down?.text).toContain('CREATE TABLE "things"');
  });

  test.each(["ts", "mjs"])("top-level await works in %s", async (extension) => {
    const source =
      "const n = await Promise.resolve(7);\nexport const up = (pgm) => pgm.sql(`select ${n}`);";
    const sections = await sectionsOf(source, `001_a.${extension}`);
    expect(sections.up.text).toBe("select 7;\n");
  });

  test("where a call has no reverse, or down generates nothing, there is no down", async () => {
    const up = "export const up = (pgm: any) => pgm.sql('select 1');";
    expect((await sectionsOf(up)).down).toBeUndefined();
    expect((await sectionsOf(`${up} export function down() {}`)).down).toBeUndefined();
    expect(
      await sectionsOf(`${up} export const irreversible = "the rows are gone";`),
    ).toMatchObject({ down: undefined, irreversible: "the rows are gone" });
  });

  test("is loaded anew each time, and leaves nothing beside the file", async () => {
    await using directory = await withDirectory({
      "001_a.ts": "export const up = (pgm: any) => pgm.sql('select 1');",
    });
    const read = async () => {
      const [file] = (await readMigrations(directory.path)).migrations;
      return file && (await loadSections(file)).up.text;
    };
    expect(await read()).toBe("select 1;\n");
    await directory.write({ "001_a.ts": "export const up = (pgm: any) => pgm.sql('select 2');" });
    expect(await read()).toBe("select 2;\n");
    expect(await readdir(join(directory.path, ".."))).toEqual([basename(directory.path)]);
    expect(await readdir(directory.path)).toEqual(["001_a.ts"]);
  });

  test.each([
    [
      "export const up = (pgm: any) => {\n  pgm.sql('x');\n  throw new Error('oh no');\n};",
      "oh no",
      3,
      9,
    ],
    ["export const a = 1;\nexport const up = 1 1;", "syntax error: Missing semicolon", 2, 20],
    [
      "import './missing.ts';\nexport const up = () => {};",
      "Cannot find module './missing.ts'",
      1,
      7,
    ],
    ["export const down = () => {};", "it exports no function `up`", 1, 1],
    ["export const up = () => {}; export const down = 1;", "`down` is neither", 1, 1],
    ["export const up = () => {}; export const change = 'big';", "`change` is neither", 1, 1],
    ["export const up = () => {}; export const irreversible = '';", "`irreversible` is not", 1, 1],
    [
      "export const up = () => {}; export const irreversible = 'x'; export const down = () => {};",
      "exports both",
      1,
      1,
    ],
    [
      "export const up = async (pgm: any) => {\n  await pgm.db.query('select 1');\n};",
      "`pgm.db` is not available",
      2,
      16,
    ],
  ])("%j fails with the place", async (source, message, line, column) => {
    await expect(sectionsOf(source)).rejects.toMatchObject({
      code: "migration-code",
      message: expect.stringContaining(message) as string,
      details: { at: { line, column } },
    });
  });
});
