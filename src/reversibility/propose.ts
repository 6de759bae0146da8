/** A down section that is inferred, and tried before it is shown. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { as, findNodes, stringsOf, allOf } from "../db/tree.ts";
import { isPostgresError } from "../db/session.ts";
import type { InspectedMigration } from "../migrate/inspect.ts";
import { firstLine } from "../migrate/journal.ts";
import type { Open } from "../migrate/migrator.ts";
import type { DumpedSchema } from "../schema/dump.ts";
import { compareSchemas } from "./difference.ts";
import { NoWayBack } from "./no-way-back.ts";
import { readingWith } from "./overlay.ts";
import type { Ways } from "./trial.ts";
import { applyOne, attempt, look, undoOne } from "./trial.ts";
import { undoNames } from "./undo-names.ts";
import type { WayBack } from "./way-back.ts";
import { findWayBack } from "./way-back.ts";

export type Proposal =
  | {
      /** The down section, which was tried. */
      readonly sql: string;
      readonly restores: "everything" | "all but the order of columns";
      /** What it does not bring back. */
      readonly warnings: readonly string[];
    }
  | {
      /** Why there is none. */
      readonly reason: string;
    };

export interface ProposeOptions {
  readonly before: DumpedSchema;
  readonly after: DumpedSchema;
  /** Who owns what the statements create, not quoted. */
  readonly owner: string;
  /** Does work in a copy of the database before the migration. */
  readonly within: <T>(work: (open: Open) => Promise<T>) => Promise<T>;
}

/**
 * Infers a down section from the schema before and after, and from the renames of the up section;
 * runs it in a copy and compares. What was not seen to restore the schema is not proposed.
 *
 * @throws PgwrightError for everything but SQL that the server refuses.
 */
export async function proposeDown(
  ways: Ways,
  { file, sections, up }: InspectedMigration,
  { before, after, owner, within }: ProposeOptions,
): Promise<Proposal> {
  const names = undoNames(up.statements);
  const rows = changesOfRows(up.statements, sections.up.line ?? 1);
  let first: Proposal | undefined;
  // A cast that PostgreSQL does by itself refuses what does not fit; a written one cuts it off.
  for (const writesCasts of [false, true]) {
    let back: WayBack;
    try {
      const renamed =
        names.length === 0
          ? after
          : await within(async (open) => {
              await applyOne(ways, open, file);
              return afterNames(ways, open, names);
            });
      const concurrently = concurrentIndexes(up.statements);
      back = findWayBack(renamed, before, { concurrently, owner: ident(owner), writesCasts });
    } catch (error) {
      if (!(error instanceof NoWayBack)) throw error;
      return { reason: error.message };
    }
    const statements = [...names, ...back.statements];
    if (statements.length === 0) {
      const reason =
        rows.length > 0
          ? `how rows were before ${rows.join(" and ")} is not known`
          : "the schema is the same before and after";
      return { reason };
    }
    const sql = `${statements.join(";\n")};\n`;
    const warnings = [...back.warnings, ...rows.map((row) => `what ${row} did is not undone`)];
    const tried = await within((open) => tryDown(ways, open, { file, sections }, sql, before));
    if ("restores" in tried) return { sql, restores: tried.restores, warnings };
    first ??= { reason: tried.reason };
    if (tried.sqlstate !== needsCast) return first;
  }
  return first ?? { reason: "nothing was tried" };
}

/** SQLSTATE datatype_mismatch: "column cannot be cast automatically to type". */
const needsCast = "42804";

type Tried =
  | { readonly restores: "everything" | "all but the order of columns" }
  | { readonly reason: string; readonly sqlstate?: string | undefined };

/** Runs a down section in the place of the file's own. */
async function tryDown(
  ways: Ways,
  open: Open,
  { file, sections }: Pick<InspectedMigration, "file" | "sections">,
  sql: string,
  before: DumpedSchema,
): Promise<Tried> {
  const down = { text: sql, line: undefined, transaction: true };
  const overlay = new Map([[file.order, { ...sections, irreversible: undefined, down }]]);
  await applyOne(ways, open, file);
  const failure = await attempt(() => undoOne({ ...ways, read: readingWith(overlay) }, open));
  if (failure) {
    const { message, sqlstate } = failure;
    return { reason: `what seemed to undo it fails: ${message}`, sqlstate };
  }
  const left = compareSchemas(before, await look(ways, open, before));
  const other = left.find(({ kind }) => kind !== "column-order");
  if (other) return { reason: `what seemed to undo it does not: ${other.text}` };
  return { restores: left.length === 0 ? "everything" : "all but the order of columns" };
}

/** The schema once the names are as they were. */
async function afterNames(ways: Ways, open: Open, names: readonly string[]): Promise<DumpedSchema> {
  {
    await using session = await open({ writes: true, direct: true });
    const { role } = ways.migrator;
    try {
      await session.script(
        [
          "begin",
          ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
          ...names,
          "commit",
        ].join(";\n"),
      );
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      throw new NoWayBack(`its renames cannot be taken back first: ${error.message}`);
    }
  }
  return look(ways, open);
}

/** Not quoted; of DROP INDEX CONCURRENTLY too. */
function concurrentIndexes(statements: readonly Statement[]): Set<string> {
  return new Set(
    statements.flatMap(({ node }) => {
      const made = as(node, "IndexStmt");
      if (made?.concurrent === true) return made.idxname ?? [];
      const dropped = as(node, "DropStmt");
      if (dropped?.concurrent !== true) return [];
      return allOf(dropped.objects, "List").flatMap(({ items }) => stringsOf(items).at(-1) ?? []);
    }),
  );
}

const writes = new Set([
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "TruncateStmt",
  "CopyStmt",
  "DoStmt",
  "CallStmt",
]);

/** Statements that change rows, or may do anything. */
function changesOfRows(statements: readonly Statement[], firstLineOfSection: number): string[] {
  return statements
    .filter(
      ({ kind, node }) =>
        writes.has(kind) || (kind === "SelectStmt" && findNodes(node, "FuncCall").length > 0),
    )
    .map(({ text, line }) => `\`${firstLine(text)}\` in line ${firstLineOfSection + line - 1}`);
}
