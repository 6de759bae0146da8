import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readMigrations } from "../../../src/migrate/file.ts";
import { createMigration } from "../../../src/migrate/new.ts";
import type { NewOptions } from "../../../src/migrate/new.ts";
import { validateFiles } from "../../../src/migrate/validate.ts";
import { withDirectory } from "./directory.ts";

const now = new Date("2024-06-01T23:30:05Z");

async function create(
  files: readonly string[],
  description: string,
  options: Partial<NewOptions> = {},
): Promise<string> {
  await using directory = await withDirectory(Object.fromEntries(files.map((name) => [name, ""])));
  const created = await createMigration(directory.path, description, {
    language: "sql",
    isRepeatable: false,
    now,
    ...options,
  });
  expect(created.path).toBe(join(directory.path, created.file));
  expect(await readdir(directory.path)).toContain(created.file);
  return created.file + (created.isLate ? " (late)" : "");
}

describe("createMigration", () => {
  test.each([
    [[], "Initial schema", {}, "001_20240601_initial_schema.sql"],
    [["001_a.sql"], "add middle name", {}, "002_add_middle_name.sql"],
    [["001_a.sql", "002_20240115_b.sql"], "c", {}, "003_20240601_c.sql"],
    [["0099_20240115093000_b.sql", "0007_x.sql"], "c", {}, "0100_20240601233005_c.sql"],
    [["20240115120000_a.sql"], "b", {}, "20240601233005_b.sql"],
    [["20990115120000_a.sql"], "b", {}, "20990115120001_b.sql"],
    [["20240601_a.sql"], "b", {}, "20240602_b.sql"],
    [["999_a.sql"], "b", {}, "1000_b.sql"],
    [["001_a.sql", "schema.sql", "R_x.sql", "notes.md"], "b", {}, "002_b.sql"],
    [["001_a.sql"], "20240101 import", {}, "002_20240601_20240101_import.sql"],
    [["001_a.sql"], "  Größe -- der/Übungen! ", {}, "002_größe_der_übungen.sql"],
    [["001_a.sql"], "b", { language: "ts" as const }, "002_b.ts"],
    [["009_a.sql"], "b", { version: "42" }, "42_b.sql"],
    [["009_a.sql"], "b", { version: "3" }, "3_b.sql (late)"],
    [["009_a.sql"], "user search", { isRepeatable: true }, "R_user_search.sql"],
  ])("beside %j, %j makes with %j %s", async (files, description, options, expected) => {
    expect(await create(files, description, options)).toBe(expected);
  });

  test.each([
    [[], "  ", {}, "usage", "the description needs a letter or a digit"],
    [[], "x".repeat(201), {}, "usage", "the description is too long for a file name"],
    [[], "x", { version: "1.2" }, "usage", "`1.2` is not a version"],
    [
      [],
      "x",
      { version: "1", isRepeatable: true },
      "usage",
      "a repeatable migration has no version",
    ],
    [
      [],
      "x",
      { language: "ts" as const, isRepeatable: true },
      "usage",
      "repeatable migrations are SQL files",
    ],
    [["007_a.ts"], "x", { version: "7" }, "file-exists", "version 7 exists already: `007_a.ts`"],
    [["R_x.sql"], "x", { isRepeatable: true }, "file-exists", "`R_x.sql` exists already"],
  ])(
    "beside %j, %j with %j is refused as %s",
    async (files, description, options, code, message) => {
      await expect(create(files, description, options)).rejects.toMatchObject({
        code,
        message,
        exit: 2,
      });
    },
  );

  test("makes the directory, and never takes a version twice", async () => {
    await using root = await withDirectory();
    const directory = join(root.path, "deep", "migrations");
    const descriptions = Array.from({ length: 12 }, (_, i) => `number ${i}`);
    await Promise.all(
      descriptions.map(async (description) =>
        createMigration(directory, description, { language: "sql", isRepeatable: false, now }),
      ),
    );
    const versions = (await readdir(directory)).map((name) => Number(name.split("_")[0]));
    expect(versions).toHaveLength(12);
    expect(new Set(versions).size).toBe(12);
  });

  test.each(["sql", "ts", "js", "mjs"] as const)(
    "what it writes in %s is read without complaint once it is filled in",
    async (language) => {
      await using directory = await withDirectory();
      const options = { language, isRepeatable: false, now };
      const { path, file } = await createMigration(directory.path, "it's\nnew", options);
      const template = await readFile(path, "utf8");
      expect(template).toContain("it's new");
      const empty = await validateFiles(directory.path, { environment: {} });
      expect(empty.findings.map(({ rule }) => rule)).toContain("migrations/empty-section");
      await directory.write({
        [file]:
          language === "sql"
            ? template
                .replace("-- migrate:up\n", "-- migrate:up\ncreate table a (b int);")
                .replace("-- migrate:down\n", "-- migrate:down\ndrop table a;")
            : template
                .replace("{\n  \n}", "{\n  pgm.createTable('a', { b: 'int' });\n}")
                .replace("{\n  \n}", "{\n  pgm.dropTable('a');\n}"),
      });
      const { findings, migrations } = await validateFiles(directory.path, { environment: {} });
      expect(findings).toEqual([]);
      expect(migrations).toMatchObject([{ change: "minor", isReversible: true }]);
    },
  );

  test("a repeatable file asks to be filled in", async () => {
    await using directory = await withDirectory();
    await createMigration(directory.path, "v", { language: "sql", isRepeatable: true, now });
    const { findings } = await readMigrations(directory.path);
    expect(findings.map(({ rule }) => rule)).toEqual(["migrations/empty-file"]);
  });
});
