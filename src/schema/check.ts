/** Compares a dump file with the database it is kept for. */
import type { Finding } from "../findings.ts";
import { readDumpFile, withLineFeeds } from "./dump-file.ts";
import { diffLines } from "./line-diff.ts";

export interface DumpCheck {
  readonly file: string;
  readonly isEqual: boolean;
  /** Lines only the file has. */
  readonly removed: number;
  /** Lines only the database's dump has. */
  readonly added: number;
  /** A unified diff from the file to the database, without file headers. */
  readonly diff: readonly string[];
  readonly findings: readonly Finding[];
}

/** @param shownFile The file as it is named to the user, relative to where he stands. */
export async function checkDump(path: string, shownFile: string, sql: string): Promise<DumpCheck> {
  const text = await readDumpFile(path);
  const hint = `\`pgwright dump --output ${shownFile}\` writes it anew`;
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
  const { lines, removed, added, firstLine } = diffLines(file, database);
  const finding: Finding = {
    rule: "dump/differs",
    severity: "error",
    message: `${shownFile} is not the schema of the database`,
    hint: `${hint}; or a migration is missing here or there (\`pgwright status\`)`,
    at: { file: shownFile, line: firstLine, column: 1 },
  };
  return {
    file: shownFile,
    isEqual: false,
    removed,
    added,
    diff: lines,
    findings: [finding],
  };
}

const noChanges = { removed: 0, added: 0, diff: [] } as const;
