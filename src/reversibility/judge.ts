/** What a trial means: a verdict for each migration, and findings. */
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import { freshRightsHint } from "../migrate/fresh-rights.ts";
import type { Sections } from "../migrate/section.ts";
import type { Difference } from "./difference.ts";
import type { Filling, KeptTable } from "./fill.ts";
import { failed, listed } from "./finding.ts";
import type { FittingTrial } from "./fitting-rows.ts";
import { dataVerdictOf, judgeRows } from "./judge-rows.ts";
import type { Proposal } from "./propose.ts";
import type { RowChange } from "./rows.ts";
import type { NotTried } from "./special-rows.ts";
import type { LeftOut } from "./server-wide-statements.ts";
import type { Trial } from "./trial.ts";
import { unusualTexts } from "./unusual-texts.ts";

export type Verdict =
  | "restored"
  | "irreversible"
  | "no way back"
  | "column order"
  | "not restored"
  | "rollback fails"
  /** Nothing is left of a section without what reaches beyond a throwaway database. */
  | "not tried"
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
  /** Tables with nothing but what the migrations before have written into them: no other row fits. */
  readonly kept: readonly KeptTable[];
  readonly changes: readonly RowChange[];
  /** Rows that were written after it; 0 where that was not tried: the verdict is about the others then. */
  readonly newRows: number;
  /** What these have lost, of what was there before the migration. */
  readonly newChanges: readonly RowChange[];
  /** What went with the tables, partitions and columns that the migration adds. */
  readonly additions: readonly RowChange[];
  /** Columns in which some rows had texts as made up ones are not: empty, with blanks around, of many words. */
  readonly unusual: readonly string[];
  /** Rows that its statements would change, or that it allows, and there were none: the verdict is not about such. */
  readonly notTried: readonly NotTried[];
}

export interface TestedMigration {
  readonly version: string;
  readonly file: string;
  readonly verdict: Verdict;
  /** The reason that the file gives for having no way back. */
  readonly irreversible: string | null;
  /** Statements that reach beyond a throwaway database, by their first lines: the verdict is not about these. */
  readonly leftOut: readonly string[];
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

/** What was tried of one migration. */
export interface Tried {
  readonly trial: Trial;
  readonly data: FittingTrial | undefined;
  /** Where the rollback is missing, fails, or does not restore the schema. */
  readonly proposal: Proposal | undefined;
  /** `migrations.role`, which did the work. */
  readonly role: string | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly isNothingLeft: boolean;
  readonly durationMs: number;
}

export function judge(
  file: MigrationFile,
  sections: Sections,
  { trial, data, proposal, role, leftOut, isNothingLeft, durationMs }: Tried,
): Judged {
  const { upFailure, downFailure, againFailure, unrestored = [], unrepeated = [] } = trial;
  const findings: Finding[] = [];
  const place = placeOf(file, sections);
  for (const { message, at } of leftOut) {
    findings.push({
      rule: "test/left-out",
      severity: "info",
      message,
      ...(at ? { at, source: file.text } : place),
    });
  }
  if (upFailure) {
    const hint = freshRightsHint({ role }, upFailure.sqlstate);
    findings.push({ ...failed(file, "up-fails", "cannot be applied", upFailure), hint });
  }
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
    const hint = freshRightsHint({ role }, downFailure.sqlstate) ?? proposed(proposal);
    findings.push({ ...finding, hint });
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
  if (data) findings.push(...judgeRows(file, place, data, againFailure !== undefined));
  return {
    migration: {
      version: file.version,
      file: file.name,
      verdict:
        isNothingLeft && findings.every(({ severity }) => severity === "info")
          ? "not tried"
          : verdictOf(sections, trial, isOrder),
      irreversible: sections.irreversible ?? null,
      leftOut: leftOut.map(({ statement }) => statement),
      differences: unrestored,
      differencesAgain: unrepeated,
      proposal: proposal ?? null,
      data: data
        ? {
            verdict: dataVerdictOf(data),
            rows: data.rows,
            filling: data.filling,
            kept: data.kept ?? [],
            changes: data.changes ?? [],
            newRows: data.newRows?.rows ?? 0,
            newChanges: data.newRows?.changes ?? [],
            additions: data.newRows?.additions ?? [],
            unusual: data.unusual ?? [],
            notTried: notTriedOf(data),
          }
        : null,
      durationMs: Math.round(durationMs),
    },
    findings,
  };
}

function notTriedOf({ unmet = [], withoutTexts, newRows }: FittingTrial): NotTried[] {
  return [
    ...unmet.map(({ verb, table }) => ({
      what: `the rows for its ${verb} of ${table}`,
      reason: "none of the made up ones is such a row",
    })),
    ...(withoutTexts
      ? [
          {
            what: `${withoutTexts.columns.join(", ")} with ${unusualTexts}`,
            reason: withoutTexts.failure.message,
          },
        ]
      : []),
    ...(newRows?.notTried ?? []),
  ];
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
export function placeOf(
  file: MigrationFile,
  { down }: Pick<Sections, "down">,
): Pick<Finding, "at" | "source"> {
  return { at: { file: file.path, line: down?.line ?? 1, column: 1 }, source: file.text };
}

function proposed(proposal: Proposal | undefined): string | undefined {
  if (!proposal) return undefined;
  if ("reason" in proposal) return `no down section could be inferred: ${proposal.reason}`;
  const { restores, warnings, sql } = proposal;
  const but = warnings.length === 0 ? "" : `, but ${warnings.join("; ")}`;
  return `tried, and it restores ${restores === "everything" ? "the schema" : "all of the schema but the order of columns"}${but}:\n-- migrate:down\n${sql.trimEnd()}`;
}
