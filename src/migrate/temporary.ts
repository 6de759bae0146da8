/** Which names of a rollback mean temporary tables: what is in those is nobody's, and keeps nothing. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { Model, temporarySchema } from "../locks/model.ts";
import { relationMadeBy } from "../locks/statement-names.ts";
import { qualify } from "../locks/qualify.ts";
import { schemasIn } from "../locks/scope.ts";
import { namesOf } from "../locks/search-path.ts";
import type { Run } from "./segment.ts";
import { noRenames, resolveTable } from "./table-names.ts";

/** A statement as the server will understand it. */
export interface Named {
  /** With `pg_temp` before the names of temporary tables; its text stays as written. */
  readonly statement: Statement;
  /** It names a temporary table, whose rows are not there yet. */
  readonly isAboutTemporary: boolean;
}

/**
 * By statement: the names in it that mean something temporary which the statements before have made.
 * What the first `done` have made in a session that is gone is not there for the rest.
 */
export function findTemporary(
  runs: readonly Run[],
  done: number,
): ReadonlyMap<Statement, readonly string[]> {
  const transactions = runs.map((run) => (run.kind === "alone" ? [run.statement] : run.statements));
  const commits = new Set(transactions.flatMap((statements) => statements.at(-1) ?? []));
  const found = new Map<Statement, readonly string[]>();
  const statements = transactions.flat();
  const sessions = [statements.slice(0, done), statements.slice(done)];
  const schemasOf = sessions.flatMap((own) => [...schemasIn(own, new Model(), commits)]);
  for (const [statement, schemas] of schemasOf) {
    // CREATE TEMP TABLE users AS SELECT … FROM users: the one that it reads is not the one that it makes.
    const made = relationMadeBy(statement.node)?.relname;
    const names = [...schemas].filter(
      ([name, schema]) => schema === temporarySchema && name !== made,
    );
    if (names.length > 0)
      found.set(
        statement,
        names.map(([name]) => name),
      );
  }
  return found;
}

/**
 * PostgreSQL looks for tables in pg_temp first, unless search_path has another place for it: then
 * the table of a schema before it is meant. The session's search_path is that of the statement.
 */
export async function nameTemporary(
  session: Session,
  statement: Statement,
  names: readonly string[] | undefined,
): Promise<Named> {
  if (names === undefined) return { statement, isAboutTemporary: false };
  const { setting } = await session.one<{ setting: string }>(
    "select current_setting('search_path') as setting",
  );
  const path = namesOf(setting);
  const place = path.indexOf(temporarySchema);
  const schemas = new Map<string, string>();
  for (const name of names) {
    const other = place < 0 ? undefined : await resolveTable(session, [name], noRenames());
    const isBefore = other !== undefined && path.slice(0, place).includes(other.schema);
    if (!isBefore) schemas.set(name, temporarySchema);
  }
  return { statement: qualify(statement, schemas), isAboutTemporary: schemas.size > 0 };
}
