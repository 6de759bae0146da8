/** `pgwright docs build`: the handbook in a folder, or compared with one. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { planFiles, writeFiles, type FileState } from "./files.ts";
import { readHandbook, type HandbookOptions } from "./handbook.ts";
import { writeMarkdown } from "./markdown/write.ts";
import { writePage } from "./page/write.ts";
import { countAll, type Counts } from "./words.ts";

export interface BuildOptions extends HandbookOptions {
  /** Absolute, and as it is shown. */
  readonly folder: string;
  readonly shownFolder: string;
  /** `plan` writes nothing; `check` neither, and finds what differs. */
  readonly mode: "write" | "plan" | "check";
}

export interface BuildResult {
  readonly folder: string;
  readonly isWritten: boolean;
  readonly files: readonly { readonly path: string; readonly state: FileState }[];
  readonly counts: Counts;
  readonly findings: readonly Finding[];
}

/** @throws PgwrightError `file-exists`, `file-unwritable`; what reading throws. */
export async function buildHandbook(session: Session, options: BuildOptions): Promise<BuildResult> {
  const { folder, shownFolder, mode } = options;
  const handbook = await readHandbook(session, options);
  const texts = writeMarkdown(handbook);
  texts.set("index.html", writePage(handbook));
  const planned = await planFiles(folder, texts);
  if (mode === "write") await writeFiles(folder, planned);
  const differing = planned.filter(({ state }) => state !== "unchanged");
  return {
    folder: shownFolder,
    isWritten: mode === "write",
    files: planned.map(({ path, state }) => ({ path, state })),
    counts: countAll(handbook),
    findings: [
      ...handbook.findings,
      ...(mode === "check"
        ? differing.map(({ path, state }) => outdated(`${shownFolder}/${path}`, state))
        : []),
    ],
  };
}

const differences: Readonly<Record<Exclude<FileState, "unchanged">, string>> = {
  created: "is not there",
  changed: "is not what the schema says now",
  removed: "is about a schema that is gone",
};

function outdated(file: string, state: FileState): Finding {
  return {
    rule: "docs/outdated",
    severity: "error",
    message: `${file} ${state === "unchanged" ? "" : differences[state]}`,
    hint: "write it again: `pgwright docs build` with the same options",
    at: { file, line: 1, column: 1 },
  };
}
