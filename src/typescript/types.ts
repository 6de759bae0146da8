/** `pgwright types`: the types of a database's tables, as a text, a file, or compared with one. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import {
  readDumpFile,
  withLineFeeds,
  writeDumpFile,
  type WriteState,
} from "../schema/dump-file.ts";
import { diffLines } from "../schema/line-diff.ts";
import { readTypes, type TypesRequest } from "./read.ts";
import { typesIntro, writeTypes, type WriteOptions } from "./write.ts";

export interface TypesOptions extends TypesRequest, WriteOptions {
  /** Absolute, and as it is shown; absent: only the text is given. */
  readonly file: { readonly path: string; readonly shown: string } | undefined;
  readonly isCheck: boolean;
}

export interface TypesResult {
  readonly text: string;
  readonly tables: number;
  readonly enums: number;
  readonly file: { readonly path: string; readonly state: WriteState | "equal" | "differs" } | null;
  readonly findings: readonly Finding[];
}

/** @throws PgwrightError `file-exists`, `file-unwritable`, `relation-unknown`. */
export async function generateTypes(session: Session, options: TypesOptions): Promise<TypesResult> {
  const { file, isCheck } = options;
  const schema = await readTypes(session, options);
  const text = writeTypes(schema, options);
  const base = { text, tables: schema.tables.length, enums: schema.enums.length };
  if (file === undefined) return { ...base, file: null, findings: [] };
  if (!isCheck) {
    const kind = { intro: typesIntro, command: "pgwright types" };
    const state = await writeDumpFile(file.path, text, kind);
    return { ...base, file: { path: file.shown, state }, findings: [] };
  }
  const before = await readDumpFile(file.path);
  if (before !== undefined && withLineFeeds(before) === text) {
    return { ...base, file: { path: file.shown, state: "equal" }, findings: [] };
  }
  return {
    ...base,
    file: { path: file.shown, state: "differs" },
    findings: [
      {
        rule: "types/outdated",
        severity: "error",
        message:
          before === undefined
            ? `${file.shown} is not there`
            : `${file.shown} does not have the types of this database`,
        hint: "write it again: `pgwright types` with the same options, without --check",
        at: {
          file: file.shown,
          line: before === undefined ? 1 : diffLines(withLineFeeds(before), text).firstLine,
          column: 1,
        },
      },
    ],
  };
}
