/** Pending files made ready to run: parsed, checked, cut into transactions, judged. */
import { loadParser } from "../db/script.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { MigrationFile, RepeatableFile } from "./file.ts";
import type { LogEntry } from "./ledger-sql.ts";
import type { Rewriting } from "./online/rewriting.ts";
import { inspectMigration, inspectRepeatable } from "./inspect.ts";
import { raise } from "./schema-version.ts";
import type { Change } from "./schema-version.ts";
import type { Sections } from "./section.ts";
import { checksum } from "./section.ts";
import type { Run } from "./segment.ts";

export interface PreparedMigration {
  readonly file: MigrationFile;
  readonly sections: Sections;
  readonly runs: readonly Run[];
  readonly change: Change;
  /** The schema's semantic version once this is applied. */
  readonly schemaVersion: string;
  readonly downChecksum: string | undefined;
  /** Statements that run in their safe form, in `runs` already; `isStored` says that the log has them. */
  readonly online?: { readonly rewritings: readonly Rewriting[]; readonly isStored: boolean };
}

export interface PreparedRepeatable {
  readonly file: RepeatableFile;
  readonly runs: readonly Run[];
}

/**
 * Parses and checks all files before the first one runs, so that a mistake in the last one is found
 * while the database is untouched.
 *
 * @throws PgwrightError `migrations-invalid` listing every mistake with file, line and column.
 */
export async function prepare(
  files: readonly MigrationFile[],
  repeatables: readonly RepeatableFile[],
  schemaVersion: string,
): Promise<{ migrations: PreparedMigration[]; repeatables: PreparedRepeatable[] }> {
  const findings: Finding[] = [];
  const migrations: PreparedMigration[] = [];
  let version = schemaVersion;
  for (const file of files) {
    const { sections, up, change, findings: found } = await inspectMigration(file);
    findings.push(...found);
    version = raise(version, change);
    migrations.push({
      file,
      sections,
      change,
      runs: up.runs,
      schemaVersion: version,
      downChecksum: sections.down && checksum(sections.down.text),
    });
  }
  const prepared: PreparedRepeatable[] = [];
  for (const file of repeatables) {
    await loadParser();
    const { runs, findings: found } = inspectRepeatable(file);
    findings.push(...found);
    prepared.push({ file, runs });
  }
  refuseInvalid(findings);
  return { migrations, repeatables: prepared };
}

/** What the log keeps of a migration that is applied, whichever way it came to be. */
export function recordOf({
  file,
  sections,
  change,
  schemaVersion,
  downChecksum,
}: PreparedMigration): Omit<LogEntry, "event"> {
  return {
    direction: "up",
    version: file.version,
    file: file.name,
    change,
    schemaVersion,
    upChecksum: file.checksum,
    upSql: sections.up.text,
    downChecksum,
    downSql: sections.down?.text,
    downRunsAlone: sections.down && !sections.down.transaction,
    irreversible: sections.irreversible,
  };
}

/** @throws PgwrightError `migrations-invalid` when an error is among the findings. */
export function refuseInvalid(findings: readonly Finding[]): void {
  const errors = findings.filter((finding) => finding.severity === "error");
  const [first] = errors;
  if (!first) return;
  const others = errors.slice(1);
  throw new PgwrightError("migrations-invalid", first.message, {
    at: first.at,
    source: first.source,
    notes: others.map(
      ({ at, message }) => `also ${at ? `${at.file}:${at.line}:${at.column}: ` : ""}${message}`,
    ),
    hint: `${first.hint ? `${first.hint}\n` : ""}nothing was run; \`pgwright validate\` shows every finding`,
  });
}
