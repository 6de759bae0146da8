import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PgwrightError } from "../../../src/errors.ts";
import { locate, readMigrations } from "../../../src/migrate/file.ts";
import { checksum } from "../../../src/migrate/section.ts";
import { migration, withDirectory } from "./directory.ts";

describe("readMigrations", () => {
  test("reads what is there, in the order of the version numbers", async () => {
    await using directory = await withDirectory({
      "10_ten.sql": migration("select 10;"),
      "9_nine.ts": "export const up = (pgm) => pgm.sql('select 9');\n",
      "002_20240115_two.sql": migration("select 2;"),
      "R_b.sql": "create or replace view b as select 1;",
      "R_a.sql": "create or replace view a as select 1;",
      "README.md": "# no migration",
      "_shared.ts": "export {};",
      "more/001_nested.sql": migration("select 1;"),
    });
    const read = await readMigrations(directory.path);
    expect(read.findings).toEqual([]);
    expect(read.fileCount).toBe(5);
    expect(
      read.migrations.map(({ name, kind, version, order }) => [name, kind, version, order]),
    ).toEqual([
      ["002_20240115_two.sql", "sql", "002", 2n],
      ["9_nine.ts", "code", "9", 9n],
      ["10_ten.sql", "sql", "10", 10n],
    ]);
    expect(read.repeatables.map(({ name, description }) => [name, description])).toEqual([
      ["R_a.sql", "a"],
      ["R_b.sql", "b"],
    ]);
  });

  test("the checksum covers the up section alone, whatever saved the file", async () => {
    const text = migration("select 'é';\nselect 2;", "select 3;");
    await using directory = await withDirectory({
      "1_a.sql": text,
      "2_b.sql": `\uFEFF${text.replaceAll("\n", "\r\n")}`,
      "3_c.sql": `-- change: minor\n-- about it\n${migration("select 'é';\nselect 2;\n\n", "select 4;")}`,
      "4_d.sql": migration("select 'é';\nselect 2; ", "select 3;"),
    });
    const { migrations, findings } = await readMigrations(directory.path);
    expect(findings).toEqual([]);
    const sums = migrations.map((file) => file.checksum);
    expect(sums[0]).toBe(checksum("select 'é';\nselect 2;"));
    expect(sums[1]).toBe(sums[0]);
    expect(sums[2]).toBe(sums[0]);
    expect(sums[3]).not.toBe(sums[0]);
  });

  test("the checksum of code covers its source", async () => {
    const source = "export const up = () => {};\n";
    await using directory = await withDirectory({
      "1_a.js": source,
      "2_b.mjs": `\uFEFF${source.replaceAll("\n", "\r\n")}`,
    });
    const { migrations } = await readMigrations(directory.path);
    expect(migrations.map((file) => file.checksum)).toEqual([checksum(source), checksum(source)]);
  });

  test("reports every file it cannot use, with the place", async () => {
    const at = (name: string, line = 1, column = 1) => ({
      file: join(directory.path, name),
      line,
      column,
    });
    await using directory = await withDirectory({
      "001_a.sql": migration("select 1;"),
      "1_b.sql": migration("select 1;"),
      "002_c.sql": "-- é\nselect 1;\n",
      "003_d.sql": Buffer.from("2d2d206d6967726174653a75700a73656c65637420276bf6273b", "hex"),
      "004_e.sql": Buffer.from("\uFEFF-- migrate:up\n", "utf16le"),
      "005_f.sql": "",
      "006_g.sql.bak": "",
      "R_h.sql": "-- nothing",
      "R_i.sql": "select 1;\n  -- migrate:down\n",
      "notes.sql": "",
    });
    const { findings, migrations, repeatables } = await readMigrations(directory.path);
    expect(migrations.map(({ name }) => name)).toEqual(["001_a.sql", "1_b.sql"]);
    expect(repeatables).toEqual([]);
    expect(findings.map(({ rule, severity, at: place }) => [rule, severity, place])).toEqual([
      ["migrations/no-marker", "error", at("002_c.sql")],
      ["migrations/not-utf8", "error", at("003_d.sql")],
      ["migrations/not-utf8", "error", at("004_e.sql")],
      ["migrations/empty-file", "error", at("005_f.sql")],
      ["migrations/left-over-file", "warning", at("006_g.sql.bak")],
      ["migrations/empty-file", "error", at("R_h.sql")],
      ["migrations/bad-marker", "error", at("R_i.sql", 2, 3)],
      ["migrations/bad-name", "error", at("notes.sql")],
      ["migrations/duplicate-version", "error", at("1_b.sql")],
    ]);
    expect(findings[2]?.message).toBe("the file is UTF-16");
    expect(findings.at(-1)).toMatchObject({
      message: "`1_b.sql` and `001_a.sql` have the same version 1",
      hint: expect.stringMatching(/`pgwright renumber`.*number is 006$/) as string,
    });
  });

  test("takes the character that stands for broken bytes, where it is written", async () => {
    const text = "-- migrate:up\nselect '\uFFFD';\n-- migrate:down\nselect 1;\n";
    await using directory = await withDirectory({
      "001_a.sql": text,
      "002_b.sql": Buffer.concat([Buffer.from(text), Buffer.from([0xff])]),
    });
    const { findings, migrations } = await readMigrations(directory.path);
    expect(migrations.map((file) => file.text)).toEqual([text]);
    expect(findings.map(({ rule }) => rule)).toEqual(["migrations/not-utf8"]);
  });

  test("finds a duplicate version even where one of the two cannot be read", async () => {
    await using directory = await withDirectory({
      "004_d.sql": "",
      "004_e.sql": migration("select 1;"),
      "005_f.sql": migration("select 1;"),
      "5_g.sql": Buffer.from("\uFEFF-- migrate:up\n", "utf16le"),
    });
    const { findings } = await readMigrations(directory.path);
    expect(findings.map(({ rule, message }) => [rule.replace("migrations/", ""), message])).toEqual(
      [
        ["empty-file", expect.any(String)],
        ["not-utf8", "the file is UTF-16"],
        ["duplicate-version", "`004_e.sql` and `004_d.sql` have the same version 4"],
        ["duplicate-version", "`5_g.sql` and `005_f.sql` have the same version 5"],
      ],
    );
  });

  test("follows links to files, as deployments use them", async () => {
    await using directory = await withDirectory({ "other/x": migration("select 1;") });
    await symlink(join(directory.path, "other", "x"), join(directory.path, "001_a.sql"));
    const { migrations } = await readMigrations(directory.path);
    expect(migrations.map(({ name }) => name)).toEqual(["001_a.sql"]);
  });

  test("says which directory or file it could not read", async () => {
    await using directory = await withDirectory({ file: "" });
    const missing = join(directory.path, "missing");
    await expect(readMigrations(missing)).rejects.toMatchObject({
      code: "migrations-unreadable",
      exit: 2,
      message: `\`${missing}\` does not exist`,
    });
    await expect(readMigrations(join(directory.path, "file"))).rejects.toThrow(
      "is not a directory",
    );
    await symlink(directory.path, join(directory.path, "001_a.sql"));
    await expect(readMigrations(directory.path)).rejects.toThrow(PgwrightError);
  });
});

test("locate finds the place in the file of an offset into a section", async () => {
  await using directory = await withDirectory({
    "1_a.sql": "-- head\n-- migrate:up\nselect 1;\nselect '😀', x;\n-- migrate:down\nselect 2;\n",
  });
  const [file] = (await readMigrations(directory.path)).migrations;
  if (file?.kind !== "sql") throw new Error("no file");
  const { up, down } = file.sections;
  expect(locate(file, up, up.text.indexOf("x"))).toEqual({ file: file.path, line: 4, column: 13 });
  expect(down && locate(file, down, 0)).toEqual({ file: file.path, line: 6, column: 1 });
});
