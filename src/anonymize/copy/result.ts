/** What a copy reports, wherever it went. */
import type { Finding } from "../../findings.ts";
import type { Verification } from "../verify/verify.ts";
import type { CopiedTable } from "./pace.ts";
import type { CatalogText, Source } from "./source.ts";
import type { Beginning } from "./target.ts";

export interface CopyResult {
  /** The target's database, or the directory. */
  readonly target: string;
  readonly isDryRun: boolean;
  /** `resume`: an unfinished run was gone on with; `replace`: an earlier copy was dropped. */
  readonly beginning: Beginning["kind"];
  readonly tables: readonly CopiedTable[];
  readonly rows: number;
  readonly bytes: number;
  /** Of the copy alone; the proof takes its own time. */
  readonly seconds: number;
  readonly proofSeconds?: number | undefined;
  /** Texts of the schema that are copied as they are and may hold data. */
  readonly texts: readonly CatalogText[];
  readonly findings: readonly Finding[];
  /** Sixteen hex digits that tell keys apart. */
  readonly keyFingerprint: string;
  /** Nobody can repeat the masks: the key is gone with the run. */
  readonly isKeyEphemeral: boolean;
  /** SHA-256 of policies/masking.yaml, and of the schema as it was made in the target. */
  readonly rulesHash: string;
  readonly schemaHash: string;
  /** What became of the proof; undefined where there was none, as with files. */
  readonly proof?: Verification | undefined;
  /** With `dryRun`: what would be run, in order. */
  readonly sql: readonly string[];
}

/** Since a `performance.now()`, to hundredths. */
export function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 10) / 100;
}

/** What a run reports. */
export function resultOf(
  source: Source,
  rest: Pick<
    CopyResult,
    | "target"
    | "beginning"
    | "tables"
    | "seconds"
    | "sql"
    | "isDryRun"
    | "findings"
    | "proof"
    | "proofSeconds"
  >,
): CopyResult {
  return {
    ...rest,
    rows: rest.tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: rest.tables.reduce((sum, { bytes }) => sum + bytes, 0),
    texts: source.texts,
    findings: [...source.findings, ...rest.findings, ...(rest.proof?.findings ?? [])],
    keyFingerprint: source.plan.keyFingerprint,
    isKeyEphemeral: source.plan.isKeyEphemeral,
    rulesHash: source.plan.rulesHash,
    schemaHash: source.schema.fingerprint,
  };
}

/** What a dry run knows: the server's own estimates. */
export function estimates({ tables }: Source): CopiedTable[] {
  return tables.map(({ id, rows, bytes, masking }) => ({
    table: id,
    rows,
    bytes,
    seconds: 0,
    masked: masking.columns.flatMap((column) =>
      column.expression === undefined ? [] : column.name,
    ),
  }));
}
