import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../src/migrate/ledger.ts";
import { renumber } from "../../../src/migrate/renumber.ts";
import type { RenumberOptions } from "../../../src/migrate/renumber.ts";
import { withDirectory } from "./directory.ts";
import type { TestDirectory } from "./directory.ts";

const run = promisify(execFile);
const environment = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
};
const now = new Date("2024-06-01T23:30:05Z");

/** A folder whose files are in `main`, and others that are only here. */
async function withMerged(
  merged: readonly string[],
  own: readonly string[],
): Promise<TestDirectory> {
  const directory = await withDirectory(filesOf(merged));
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: directory.path,
      env: environment,
    });
  await git("init", "-q", "-b", "main");
  await git("add", ".");
  await git("commit", "-q", "--allow-empty", "-m", "x");
  await directory.write(filesOf(own));
  return directory;
}

function filesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `-- ${name}\n`]));
}

async function renumbered(
  directory: TestDirectory,
  options: Partial<RenumberOptions> = {},
): Promise<string[]> {
  const common = { base: "main", ledger: undefined, database: "shop", dryRun: false };
  const result = await renumber(directory.path, { ...common, environment, now, ...options });
  return result.renamed.map(({ from, to }) => `${from} > ${to}`);
}

function ledgerOf(...applied: { version: string; file: string | null; checksum?: string }[]) {
  return {
    applied: applied.map((row) => ({ checksum: "", ...row, order: BigInt(row.version) })),
    journals: [],
  } as unknown as Ledger;
}

describe("renumber --base", () => {
  test.each([
    // own files behind the last one stay
    [["001_a.sql"], ["002_b.sql", "007_c.sql"], []],
    // one that was overtaken; its date and its extension stay
    [["001_a.sql", "003_c.sql"], ["002_20240115_b.ts"], ["002_20240115_b.ts > 004_20240115_b.ts"]],
    // the number of a merged one
    [["001_a.sql", "002_b.sql"], ["002_mine.sql"], ["002_mine.sql > 003_mine.sql"]],
    // those after it keep their order, and their number where it is free
    [
      ["001_a.sql", "003_x.sql"],
      ["002_b.sql", "004_c.sql", "005_d.sql", "009_e.sql"],
      ["002_b.sql > 004_b.sql", "004_c.sql > 005_c.sql", "005_d.sql > 006_d.sql"],
    ],
    // two own ones of one number
    [["001_a.sql"], ["002_b.sql", "002_c.sql"], ["002_c.sql > 003_c.sql"]],
    // as wide as the merged ones
    [["0099_a.sql"], ["7_b.sql", "8_c.sql"], ["7_b.sql > 0100_b.sql", "8_c.sql > 0101_c.sql"]],
    // versions that are dates get today's
    [
      ["20240115120000_a.sql"],
      ["20240114120000_b.sql", "20240115120000_c.sql"],
      [
        "20240114120000_b.sql > 20240601233005_b.sql",
        "20240115120000_c.sql > 20240601233006_c.sql",
      ],
    ],
    [[], ["001_a.sql"], []],
  ])("%j and %j", async (merged, own, expected) => {
    await using directory = await withMerged(merged, own);
    const before = await readdir(directory.path);
    expect(await renumbered(directory, { dryRun: true })).toEqual(expected);
    expect(await readdir(directory.path)).toEqual(before);
    expect(await renumbered(directory)).toEqual(expected);
    for (const line of expected) {
      const [from = "", to = ""] = line.split(" > ");
      expect(await readFile(join(directory.path, to), "utf8")).toBe(`-- ${from}\n`);
    }
    expect((await readdir(directory.path)).length).toBe(before.length);
    expect(await renumbered(directory)).toEqual([]);
  });

  test("takes a renamed merged file for merged", async () => {
    await using directory = await withMerged(["001_a.sql", "002_b.sql", "003_c.sql"], []);
    await directory.write({ "002_b.sql": undefined, "002_better.sql": "-- b\n" });
    expect(await renumbered(directory)).toEqual([]);
  });

  test("refuses what the ledger holds, by name or by content, and renames nothing", async () => {
    await using directory = await withMerged(["003_c.sql"], ["001_a.sql", "002_b.sql"]);
    const before = await readdir(directory.path);
    const ledger = ledgerOf(
      { version: "002", file: "002_b.sql" },
      { version: "003", file: "003_c.sql" },
    );
    await expect(renumbered(directory, { ledger })).rejects.toMatchObject({
      code: "renumber-refused",
      message: "`002_b.sql` is applied to database shop",
    });
    expect(await readdir(directory.path)).toEqual(before);
    // The number alone is no sign: another file had it.
    const other = ledgerOf({ version: "002", file: "002_other.sql", checksum: "00" });
    expect(await renumbered(directory, { ledger: other })).toEqual([
      "001_a.sql > 004_a.sql",
      "002_b.sql > 005_b.sql",
    ]);
  });
});

test("without a base, what is not applied goes behind what is", async () => {
  await using directory = await withDirectory(
    filesOf(["001_a.sql", "002_late.sql", "003_c.sql", "003_twin.sql", "R_v.sql"]),
  );
  const ledger = ledgerOf(
    { version: "001", file: "001_a.sql" },
    { version: "003", file: "003_c.sql" },
  );
  expect(await renumbered(directory, { base: undefined, ledger })).toEqual([
    "002_late.sql > 004_late.sql",
    "003_twin.sql > 005_twin.sql",
  ]);
});
