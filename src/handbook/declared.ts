/** What the files of policies/ add to the schema: masks, audit, upkeep of partitions, measured access. */
import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { throwMistakes, type Mistake } from "../config/mistake.ts";
import { readRules, rulesFileName } from "../anonymize/rules/read.ts";
import type { MaskingRules } from "../anonymize/rules/rule.ts";
import { readIgnored, type Ignored } from "../pii/ignore.ts";
import { readAudit, type DeclaredAudit } from "../policies/audit/read.ts";
import { readAccessFile, type AccessFile } from "../policies/matrix/access-file.ts";
import { refuseMistakes } from "../policies/mistakes.ts";
import { readPartitions, type DeclaredTable } from "../policies/partitions/declared.ts";

/** Each undefined, or empty, where the project has no such file. */
export interface Declared {
  readonly masking: MaskingRules | undefined;
  readonly ignored: readonly Ignored[];
  readonly audit: DeclaredAudit | undefined;
  readonly partitions: readonly DeclaredTable[];
  readonly access: AccessFile["data"] | undefined;
}

export const nothingDeclared: Declared = {
  masking: undefined,
  ignored: [],
  audit: undefined,
  partitions: [],
  access: undefined,
};

/** @throws PgwrightError `config-invalid`, `policies-invalid` for mistakes in a file. */
export async function readDeclared(directory: string, from: string): Promise<Declared> {
  if (!(await isThere(directory))) return nothingDeclared;
  const hasMasks = await isThere(join(directory, rulesFileName));
  const masking = hasMasks ? await readRules(directory, from) : undefined;
  const ignored = masking?.ignored ?? (await readIgnored(directory, relative(from, directory)));
  const audit = await readAudit(directory);
  const partitions = await readPartitions(directory);
  refuseMistakes([...audit.findings, ...partitions.findings]);
  const mistakes: Mistake[] = [];
  const path = join(directory, "access.yaml");
  const access = await readAccessFile(path, relative(from, path), mistakes);
  throwMistakes(mistakes);
  return {
    masking,
    ignored,
    audit: audit.declared,
    partitions: partitions.declared?.tables ?? [],
    access: access?.data,
  };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
