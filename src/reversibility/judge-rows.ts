/** What a trial with rows means: those that were there before the migration, and those that were written after it. */
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import type { DataTrial } from "./data-trial.ts";
import { failed, listed } from "./finding.ts";
import type { FittingTrial } from "./fitting-rows.ts";
import type { DataVerdict } from "./judge.ts";
import type { NewRows } from "./new-rows.ts";
import type { RowChange } from "./rows.ts";
import { unusualTexts } from "./unusual-texts.ts";

/** Of a migration whose sections run on empty tables. */
export function judgeRows(
  file: MigrationFile,
  place: Pick<Finding, "at" | "source">,
  data: FittingTrial,
  isFailureKnown: boolean,
): Finding[] {
  const {
    unfilled,
    upFailure,
    downFailure,
    againFailure,
    changes = [],
    spared = [],
    unmet = [],
    unusual = [],
    withoutTexts,
  } = data;
  const findings = spared.map(({ table, why }): Finding => ({
    rule: "test/not-filled",
    severity: "info",
    message: `\`${file.name}\` was tried without made up rows in ${table}, which stop it: ${why}`,
    hint: "a file of seeds/ can say how the tables are filled",
    ...place,
  }));
  for (const { verb, table, at } of unmet) {
    findings.push({
      rule: "test/not-met",
      severity: "info",
      message: `none of the made up rows is one for this ${verb} of ${table}: what it does to rows was not tried`,
      hint: "a file of seeds/ can say how the table is filled",
      ...(at ? { at, source: file.text } : place),
    });
  }
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
  if (withoutTexts?.isDown) {
    const what = `cannot be rolled back with some ${unusualTexts} in ${withoutTexts.columns.join(", ")}`;
    const finding = failed(file, "down-fails", what, withoutTexts.failure, place);
    findings.push({ ...finding, severity: "warning" });
  }
  for (const kind of ["rows-lost", "values-lost", "rows-left"] as const) {
    const own = changes.filter((change) => change.kind === kind);
    if (own.length === 0) continue;
    findings.push({
      rule: `test/${kind}`,
      severity: kind === "rows-lost" ? "error" : "warning",
      message: `\`${file.name}\` and its rollback ${phrases[kind]}:${listed(own)}`,
      ...(kind === "values-lost" ? aboutTexts(own, unusual) : {}),
      ...place,
    });
  }
  if (againFailure && !isFailureKnown) {
    const what = "cannot be applied again after its rollback when there are rows";
    findings.push(failed(file, "cannot-reapply", what, againFailure));
  }
  return [...findings, ...judgeNewRows(file, place, data.newRows)];
}

/** Made up values that tables in use have too, though nobody thinks of them. */
function aboutTexts(lost: readonly RowChange[], columns: readonly string[]): Pick<Finding, "hint"> {
  const own = columns.filter((column) => lost.some(({ object }) => object === column));
  if (own.length === 0) return {};
  return {
    hint: `${own.join(", ")} had ${unusualTexts} among others, as in tables that are in use`,
  };
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

/** One word for all of it, the worst first. */
export function dataVerdictOf({ changes, downFailure, newRows }: DataTrial): DataVerdict {
  if (!changes || downFailure) return "not tried";
  const all = [...changes, ...(newRows?.changes ?? [])];
  if (all.some(({ kind }) => kind === "rows-lost")) return "destructive";
  if (all.some(({ kind }) => kind === "values-lost")) return "lossy";
  if (newRows?.downFailure) return "blocked";
  return (newRows?.additions.length ?? 0) > 0 ? "additions lost" : "lossless";
}
