/** What a trial means: a verdict for each migration, and findings. */
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import type { Sections } from "../migrate/section.ts";
import type { DataTrial } from "./data-trial.ts";
import type { Difference } from "./difference.ts";
import type { Filling } from "./fill.ts";
import type { NewRows } from "./new-rows.ts";
import type { Proposal } from "./propose.ts";
import type { RowChange } from "./rows.ts";
import type { Failure, Trial } from "./trial.ts";

export type Verdict =
  | "restored"
  | "irreversible"
  | "no way back"
  | "column order"
  | "not restored"
  | "rollback fails"
  | "cannot be applied again"
  | "cannot be applied";

/**
 * What a rollback leaves of rows, both of those that were there before the migration and of those
 * that were written after it.
 */
export type DataVerdict =
  | "lossless"
  /** Nothing but what was written into the tables and columns that the migration adds. */
  | "additions lost"
  /** The server refuses the rollback as soon as there are rows that only the migration allows. */
  | "blocked"
  | "lossy"
  | "destructive"
  | "not tried";

export interface TestedData {
  readonly verdict: DataVerdict;
  /** Rows that were there. */
  readonly rows: number;
  readonly filling: Filling | null;
  readonly changes: readonly RowChange[];
  /** Rows that were written after it; 0 where that was not tried: the verdict is about the others then. */
  readonly newRows: number;
  /** What these have lost, of what was there before the migration. */
  readonly newChanges: readonly RowChange[];
  /** What went with the tables and columns that the migration adds. */
  readonly additions: readonly RowChange[];
}

export interface TestedMigration {
  readonly version: string;
  readonly file: string;
  readonly verdict: Verdict;
  /** The reason that the file gives for having no way back. */
  readonly irreversible: string | null;
  /** What the rollback leaves otherwise than it was. */
  readonly differences: readonly Difference[];
  /** What the second application leaves otherwise than the first. */
  readonly differencesAgain: readonly Difference[];
  /** A down section that was tried, or why none could be inferred; null where none is needed. */
  readonly proposal: Proposal | null;
  /** Null without `--data`, and where there is no rollback to try. */
  readonly data: TestedData | null;
  readonly durationMs: number;
}

export interface Judged {
  readonly migration: TestedMigration;
  readonly findings: readonly Finding[];
}

/** Longer lists are in the text and the JSON, not in the finding. */
const mostDifferences = 5;

/** What was tried of one migration. */
export interface Tried {
  readonly trial: Trial;
  readonly data: DataTrial | undefined;
  /** Where the rollback is missing, fails, or does not restore the schema. */
  readonly proposal: Proposal | undefined;
  readonly durationMs: number;
}

export function judge(
  file: MigrationFile,
  sections: Sections,
  { trial, data, proposal, durationMs }: Tried,
): Judged {
  const { upFailure, downFailure, againFailure, unrestored = [], unrepeated = [] } = trial;
  const findings: Finding[] = [];
  const place = placeOf(file, sections);
  if (upFailure) findings.push(failed(file, "up-fails", "cannot be applied", upFailure));
  if (!upFailure && !sections.down && sections.irreversible === undefined) {
    findings.push({
      rule: "test/no-way-back",
      severity: "error",
      message: `\`${file.name}\` has no down section`,
      hint:
        proposed(proposal) ?? "write one, or say why there is none: `-- irreversible: <reason>`",
      ...place,
    });
  }
  if (downFailure) {
    const finding = failed(file, "down-fails", "cannot be rolled back", downFailure, place);
    findings.push({ ...finding, hint: proposed(proposal) });
  }
  const isOrder = unrestored.every(({ kind }) => kind === "column-order");
  if (unrestored.length > 0) {
    findings.push({
      rule: isOrder ? "test/column-order" : "test/not-restored",
      severity: isOrder ? "warning" : "error",
      message: `rolling back \`${file.name}\` ${isOrder ? "restores all but the order of columns" : "does not restore the schema"}:${listed(unrestored)}`,
      hint: isOrder
        ? "PostgreSQL adds columns at the end: programs must name the columns they read and write"
        : proposed(proposal),
      ...place,
    });
  }
  if (againFailure) {
    findings.push(
      failed(file, "cannot-reapply", "cannot be applied again after its rollback", againFailure),
    );
  }
  // A column that was not removed, say, is told already.
  if (unrepeated.length > 0 && unrestored.length === 0) {
    findings.push({
      rule: "test/reapplied-differs",
      severity: "error",
      message: `\`${file.name}\`, applied again after its rollback, gives another schema than the first time:${listed(unrepeated)}`,
      ...placeOf(file, { ...sections, down: sections.up }),
    });
  }
  if (data) findings.push(...judgeRows(file, sections, data, againFailure !== undefined));
  return {
    migration: {
      version: file.version,
      file: file.name,
      verdict: verdictOf(sections, trial, isOrder),
      irreversible: sections.irreversible ?? null,
      differences: unrestored,
      differencesAgain: unrepeated,
      proposal: proposal ?? null,
      data: data
        ? {
            verdict: dataVerdictOf(data),
            rows: data.rows,
            filling: data.filling,
            changes: data.changes ?? [],
            newRows: data.newRows?.rows ?? 0,
            newChanges: data.newRows?.changes ?? [],
            additions: data.newRows?.additions ?? [],
          }
        : null,
      durationMs: Math.round(durationMs),
    },
    findings,
  };
}

/** Of a migration whose sections run on empty tables. */
function judgeRows(
  file: MigrationFile,
  sections: Sections,
  data: DataTrial,
  isFailureKnown: boolean,
): Finding[] {
  const { unfilled, upFailure, downFailure, againFailure, changes = [] } = data;
  const place = placeOf(file, sections);
  const findings: Finding[] = [];
  if (unfilled !== undefined) {
    findings.push({
      rule: "test/not-filled",
      severity: "warning",
      message: `\`${file.name}\` was not tried with rows: ${unfilled}`,
      hint: "a file of seeds/ can say how the tables are filled",
      ...place,
    });
  }
  if (upFailure) {
    const finding = failed(
      file,
      "fails-on-rows",
      "cannot be applied to tables with rows",
      upFailure,
    );
    // Made up rows may be such as there are none in production.
    findings.push({ ...finding, severity: "warning" });
  }
  if (downFailure) {
    findings.push(
      failed(file, "down-fails", "cannot be rolled back when there are rows", downFailure, place),
    );
  }
  for (const kind of ["rows-lost", "values-lost", "rows-left"] as const) {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length === 0) continue;
    findings.push({
      rule: `test/${kind}`,
      severity: kind === "rows-lost" ? "error" : "warning",
      message: `\`${file.name}\` and its rollback ${phrases[kind]}:${listed(own)}`,
      ...place,
    });
  }
  if (againFailure && !isFailureKnown) {
    const what = "cannot be applied again after its rollback when there are rows";
    findings.push(failed(file, "cannot-reapply", what, againFailure));
  }
  return [...findings, ...judgeNewRows(file, place, data.newRows)];
}

/** Of rows that were written after the migration. Made up ones may be such as nobody writes: no error. */
function judgeNewRows(
  file: MigrationFile,
  place: Pick<Finding, "at" | "source">,
  newRows: NewRows | undefined,
): Finding[] {
  if (!newRows) return [];
  const { unfilled, downFailure, againFailure, changes } = newRows;
  const findings: Finding[] = [];
  if (unfilled !== undefined) {
    findings.push({
      rule: "test/not-filled",
      severity: "info",
      message: `\`${file.name}\` was not tried with rows that are written after it: ${unfilled}`,
      hint: "a file of seeds/ can say how the tables are filled",
      ...place,
    });
  }
  if (downFailure) {
    const what = "cannot be rolled back with rows that were written after it";
    findings.push({
      ...failed(file, "down-fails", what, downFailure, place),
      severity: "warning",
      hint: "say in the down section what becomes of such rows",
    });
  }
  if (againFailure) {
    const what = "cannot be applied again after its rollback with rows that were written after it";
    findings.push({ ...failed(file, "cannot-reapply", what, againFailure), severity: "warning" });
  }
  for (const kind of ["rows-lost", "values-lost"] as const) {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length === 0) continue;
    findings.push({
      rule: `test/${kind}`,
      severity: "warning",
      message: `rolling back \`${file.name}\` loses ${kind === "rows-lost" ? "rows" : "values"} that were written after it:${listed(own)}`,
      ...place,
    });
  }
  return findings;
}

const phrases: Record<RowChange["kind"], string> = {
  "rows-lost": "lose rows",
  "values-lost": "lose values",
  "rows-left": "leave rows behind",
};

function dataVerdictOf({ changes, downFailure, newRows }: DataTrial): DataVerdict {
  if (!changes || downFailure) return "not tried";
  const all = [...changes, ...(newRows?.changes ?? [])];
  if (all.some(({ kind }) => kind === "rows-lost")) return "destructive";
  if (all.some(({ kind }) => kind === "values-lost")) return "lossy";
  if (newRows?.downFailure) return "blocked";
  return (newRows?.additions.length ?? 0) > 0 ? "additions lost" : "lossless";
}

function verdictOf(sections: Sections, trial: Trial, isOrder: boolean): Verdict {
  const { upFailure, downFailure, againFailure, unrestored = [], unrepeated = [] } = trial;
  if (upFailure) return "cannot be applied";
  if (!sections.down) return sections.irreversible === undefined ? "no way back" : "irreversible";
  if (downFailure) return "rollback fails";
  if (unrestored.length > 0 && !isOrder) return "not restored";
  if (againFailure) return "cannot be applied again";
  if (unrestored.length > 0) return "column order";
  return unrepeated.length > 0 ? "cannot be applied again" : "restored";
}

/** The down section, or the beginning of the file. */
function placeOf(
  file: MigrationFile,
  { down }: Pick<Sections, "down">,
): Pick<Finding, "at" | "source"> {
  return { at: { file: file.path, line: down?.line ?? 1, column: 1 }, source: file.text };
}

function failed(
  file: MigrationFile,
  rule: string,
  what: string,
  { message, sqlstate, at, source }: Failure,
  otherwise: Pick<Finding, "at" | "source"> = { at: { file: file.path, line: 1, column: 1 } },
): Finding {
  const state = sqlstate === undefined ? "" : ` (${sqlstate})`;
  return {
    rule: `test/${rule}`,
    severity: "error",
    message: `\`${file.name}\` ${what}: ${message}${state}`,
    ...(at ? { at, source } : otherwise),
  };
}

/** One behind the colon, more of them in lines of their own. */
function listed(differences: readonly Pick<Difference, "text">[]): string {
  const [first] = differences;
  if (first && differences.length === 1) return ` ${first.text}`;
  const shown = differences.slice(0, mostDifferences).map(({ text }) => `\n· ${text}`);
  const more = differences.length - shown.length;
  return [...shown, ...(more > 0 ? [`\n· and ${more} more, which --json lists`] : [])].join("");
}

function proposed(proposal: Proposal | undefined): string | undefined {
  if (!proposal) return undefined;
  if ("reason" in proposal) return `no down section could be inferred: ${proposal.reason}`;
  const { restores, warnings, sql } = proposal;
  const but = warnings.length === 0 ? "" : `, but ${warnings.join("; ")}`;
  return `tried, and it restores ${restores === "everything" ? "the schema" : "all of the schema but the order of columns"}${but}:\n-- migrate:down\n${sql.trimEnd()}`;
}
