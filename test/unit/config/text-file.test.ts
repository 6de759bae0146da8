/** Every file of a project that is not UTF-8 is said to be none, by name and place. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRules } from "../../../src/anonymize/rules/read.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { PgwrightError } from "../../../src/errors.ts";
import { readDeclaredMatviews } from "../../../src/insight/matviews/declared.ts";
import { readIgnored } from "../../../src/pii/ignore.ts";
import { readAudit } from "../../../src/policies/audit/read.ts";
import { readAccessFile } from "../../../src/policies/matrix/access-file.ts";
import { readPartitions } from "../../../src/policies/partitions/declared.ts";
import { readAcknowledgements } from "../../../src/policies/rls/lint/acknowledge.ts";
import { readSeeds } from "../../../src/seed/read.ts";
import { throwMistakes } from "../../../src/config/mistake.ts";
import type { Mistake } from "../../../src/config/mistake.ts";
import { withFolder } from "../../support/folder.ts";

const readers: Readonly<Record<string, (directory: string) => Promise<unknown>>> = {
  "lint.yaml": (directory) => readAcknowledgements(directory, directory, []),
  "audit.yaml": readAudit,
  "partitions.yaml": readPartitions,
  "masking.yaml": (directory) => readRules(directory, "/"),
  "matviews.yaml": (directory) => readDeclaredMatviews(directory, directory),
  "pii.yaml": (directory) => readIgnored(directory, directory),
  "access.yaml": async (directory) => {
    const mistakes: Mistake[] = [];
    const path = join(directory, "access.yaml");
    await readAccessFile(path, path, mistakes);
    throwMistakes(mistakes);
  },
  "demo.yaml": (directory) =>
    readSeeds(directory, { seed: undefined, scale: 1, asOf: undefined }, "/"),
  "demo.sql": (directory) =>
    readSeeds(directory, { seed: undefined, scale: 1, asOf: undefined }, "/"),
  "pgwright.yaml": (directory) =>
    loadConfig({ workingDirectory: directory, environment: {}, flags: {} }),
};

test.each(Object.entries(readers))("%s", async (file, read) => {
  await using folder = await withFolder();
  await writeFile(join(folder.path, file), Buffer.from("# one\n# größe\n", "latin1"));
  const error = await read(folder.path).catch((thrown: unknown) => thrown as PgwrightError);
  expect(error).toMatchObject({
    message: expect.stringMatching(
      new RegExp(`${file.replace(".", "\\.")} is not UTF-8: byte 10, 0xF6, begins no character$`),
    ),
    details: { at: { line: 2, column: 5 } },
  });
  await writeFile(join(folder.path, file), Buffer.from("\ufeff# one\n", "utf16le"));
  await expect(read(folder.path)).rejects.toThrow("is UTF-16");
});
