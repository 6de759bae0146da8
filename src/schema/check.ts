/** Compares a dump file with the database it is kept for. */
import type { Finding } from "../findings.ts";
import type { DiffLine, Hunk } from "./diff.ts";
import { countChanges, diffLines, hunksOf } from "./diff.ts";
import { readDumpFile, withLineFeeds } from "./dump-file.ts";

export interface DumpCheck {
  readonly file: string;
  readonly isEqual: boolean;
  /** Lines only the file has. */
  readonly removed: number;
  /** Lines only the database's dump has. */
  readonly added: number;
  readonly hunks: readonly Hunk[];
  readonly findings: readonly Finding[];
}

/** @param shownFile The file as it is named to the user, relative to where he stands. */
export async function checkDump(path: string, shownFile: string, sql: string): Promise<DumpCheck> {
  const text = await readDumpFile(path);
  const hint = `pgwright dump --output ${shownFile} writes it anew`;
  if (text === undefined) {
    const finding: Finding = {
      rule: "dump/file-missing",
      severity: "error",
      message: `${shownFile} does not exist, so there is nothing to compare the database with`,
      hint,
    };
    return { file: shownFile, ...noChanges, isEqual: false, findings: [finding] };
  }
  const file = withLineFeeds(text);
  const database = withLineFeeds(sql);
  if (file === database) return { file: shownFile, ...noChanges, isEqual: true, findings: [] };
  const lines = diffLines(file, database);
  const finding: Finding = {
    rule: "dump/differs",
    severity: "error",
    message: `${shownFile} is not the schema of the database`,
    hint: `${hint}; or a migration is missing here or there (pgwright status)`,
    at: { file: shownFile, line: firstDifference(lines), column: 1 },
  };
  return {
    file: shownFile,
    isEqual: false,
    ...countChanges(lines),
    hunks: hunksOf(lines),
    findings: [finding],
  };
}

const noChanges = { removed: 0, added: 0, hunks: [] } as const;

/** Line of the file where it first departs, from 1. */
function firstDifference(lines: readonly DiffLine[]): number {
  const at = lines.findIndex((line) => line.kind !== "same");
  return lines[at]?.before ?? (lines[at - 1]?.before ?? 0) + 1;
}
