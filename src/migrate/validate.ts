/** `pgwright validate`: every mistake that migration files show without a database. */
import { loadParser } from "../db/script.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { checkAgainstBase } from "./base.ts";
import type { BaseCheck } from "./base.ts";
import { readMigrations } from "./file.ts";
import type { DirectorySetting } from "./directory-at.ts";
import type { MigrationFile } from "./file.ts";
import type { ComparedBase } from "./git.ts";
import { inspectMigration, inspectRepeatable } from "./inspect.ts";
import type { Environment } from "./run-git.ts";
import type { Change } from "./schema-version.ts";

export interface ValidateOptions {
  /** A git revision such as `origin/main`, to find what a branch did to files others have. */
  readonly base?: string | undefined;
  /** Variables for git. */
  readonly environment: Environment;
  /** How an older revision says where its migrations are. */
  readonly setting?: DirectorySetting | undefined;
}

export interface ValidatedMigration {
  readonly version: string;
  readonly file: string;
  /** What counts for the schema's version: declared, else judged from the statements. */
  readonly change: Change;
  readonly isDeclared: boolean;
  /** Why it is that change, the weightiest reason first. */
  readonly reasons: readonly string[];
  readonly isReversible: boolean;
  /** Statements that run outside a transaction. */
  readonly statementsAlone: number;
}

export interface ValidateResult {
  /** Files read, those with mistakes included. */
  readonly fileCount: number;
  readonly migrations: readonly ValidatedMigration[];
  readonly repeatables: readonly string[];
  /** The files were compared with this commit. */
  readonly base: ComparedBase | null;
  /** By file and place. */
  readonly findings: readonly Finding[];
}

/**
 * Reads, parses and judges every migration of a directory.
 *
 * @throws PgwrightError `migrations-unreadable`, `git-failed`.
 */
export async function validateFiles(
  directory: string,
  options: ValidateOptions,
): Promise<ValidateResult> {
  const { migrations, repeatables, fileCount, findings: layout } = await readMigrations(directory);
  const findings = [...layout];
  const validated: ValidatedMigration[] = [];
  for (const file of migrations) {
    const one = await validateOne(file);
    findings.push(...one.findings);
    if (one.migration) validated.push(one.migration);
  }
  for (const file of repeatables) {
    await loadParser();
    findings.push(...inspectRepeatable(file).findings);
  }
  let compared: BaseCheck | undefined;
  if (options.base !== undefined) {
    const { base, environment, setting } = options;
    compared = await checkAgainstBase(directory, base, migrations, environment, setting);
    findings.push(...compared.findings);
  }
  return {
    fileCount,
    migrations: validated,
    repeatables: repeatables.map(({ name }) => name),
    base: compared?.compared ?? null,
    findings: findings.sort(byPlace),
  };
}

async function validateOne(
  file: MigrationFile,
): Promise<{ findings: readonly Finding[]; migration?: ValidatedMigration }> {
  try {
    const { sections, up, judged, change, findings } = await inspectMigration(file);
    return {
      findings,
      migration: {
        version: file.version,
        file: file.name,
        change,
        isDeclared: sections.declaredChange !== undefined,
        reasons: judged.judgements
          .filter((judgement) => judgement.change === judged.change)
          .map(({ reason }) => reason),
        isReversible: sections.down !== undefined,
        statementsAlone: up.runs.filter(({ kind }) => kind === "alone").length,
      },
    };
  } catch (error) {
    if (!(error instanceof PgwrightError) || error.code !== "migration-code") throw error;
    const { at, source, hint } = error.details;
    const rule = "migrations/code-failed";
    return { findings: [{ rule, severity: "error", message: error.message, at, source, hint }] };
  }
}

function byPlace(a: Finding, b: Finding): number {
  const [left, right] = [a.at?.file ?? "", b.at?.file ?? ""];
  if (left !== right) return left < right ? -1 : 1;
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
