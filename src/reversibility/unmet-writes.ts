/** UPDATE, DELETE and MERGE that meet no row in a trial: what they do to rows is not seen there. */
import { ident } from "../db/identifier.ts";
import type { Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { findNodes } from "../db/tree.ts";
import type { Location } from "../errors.ts";
import type { MigrationFile } from "../migrate/file.ts";
import { locate } from "../migrate/file.ts";
import type { ParsedSection } from "../migrate/inspect.ts";
import type { Open } from "../migrate/migrator.ts";
import { lookAsOwner } from "./rows.ts";
import { markTime } from "./special-rows.ts";

/** One that a section has for the rows of a table. */
export interface Write {
  readonly verb: "UPDATE" | "DELETE" | "MERGE";
  /** As the statement names it, quoted where needed. */
  readonly table: string;
  readonly at: Location | undefined;
}

/** Statements that carry out a write that stands in them; others store it, as CREATE FUNCTION does. */
const carryOut = new Set(["UpdateStmt", "DeleteStmt", "MergeStmt", "InsertStmt", "SelectStmt"]);

/** Those of a section, in order; none of what only running it tells (DO, CALL). */
export function writesOf(file: MigrationFile, { statements, section }: ParsedSection): Write[] {
  return statements
    .filter(({ kind }) => carryOut.has(kind))
    .flatMap(({ node, start }) => {
      const at = locate(file, section, start);
      const write =
        (verb: Write["verb"]) =>
        ({ relation }: { relation?: Tree.RangeVar }): Write => ({
          verb,
          table: nameOf(relation),
          at,
        });
      return [
        ...findNodes(node, "UpdateStmt").map(write("UPDATE")),
        ...findNodes(node, "DeleteStmt").map(write("DELETE")),
        ...findNodes(node, "MergeStmt").map(write("MERGE")),
      ];
    });
}

/** As SQL; the schema only where it was written. */
export function nameOf({ schemaname, relname = "" }: Tree.RangeVar = {}): string {
  return schemaname === undefined ? ident(relname) : `${ident(schemaname)}.${ident(relname)}`;
}

/**
 * Does the work of a section and tells which of its writes met no row that was there before. What
 * cannot be told counts as met: the table is gone or rewritten afterwards, the section makes it, it
 * is a view; and where two writes are for one table and one of them has met rows.
 */
export async function watchWrites<T>(
  open: Open,
  role: string | undefined,
  writes: readonly Write[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly unmet: readonly Write[] }> {
  if (writes.length === 0) return { result: await work(), unmet: [] };
  const tables = [...new Set(writes.map(({ table }) => table))];
  const { counts: before, mark } = await countRows(open, role, tables, "false");
  const result = await work();
  const { counts: after } = await countRows(open, role, tables, mark);
  return {
    result,
    unmet: writes.filter(({ table }) => {
      const left = after.get(table);
      return left !== undefined && left === before.get(table);
    }),
  };
}

/** Rows that were not written since a mark, by table, and a mark of now. */
async function countRows(
  open: Open,
  role: string | undefined,
  tables: readonly string[],
  fresh: string,
): Promise<{ readonly counts: ReadonlyMap<string, number>; readonly mark: string }> {
  await using session = await open({ writes: true, direct: true });
  const counts = new Map<string, number>();
  for (const table of tables) {
    if (!(await isTable(session, table))) continue;
    const { rows } = await lookAsOwner(session, role, () =>
      session.one<{ rows: number }>(
        `select (count(*) filter (where not (${fresh})))::int as rows from ${table} t`,
      ),
    );
    counts.set(table, rows);
  }
  return { counts, mark: await markTime(session) };
}

/** True for what holds rows of its own, here or in its partitions. */
async function isTable(session: Session, table: string): Promise<boolean> {
  const { found } = await session.one<{ found: boolean }>(
    `select exists (
       select from pg_class
       where oid = to_regclass($1::text) and relkind in ('r', 'p') and relpersistence <> 't') as found`,
    [table],
  );
  return found;
}
