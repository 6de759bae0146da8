/** What a rollback would lose: rows of tables it drops or empties, values of columns it drops or changes. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { as } from "../db/tree.ts";
import type { Loss } from "./count-loss.ts";
import { countLoss, countMs } from "./count-loss.ts";
import { findAssigned, findDoomed } from "./doomed.ts";
import type { Guarded } from "./loss-guard.ts";
import { guardSql } from "./loss-guard.ts";
import { findMoved } from "./moved.ts";
import type { Suspect } from "./suspect.ts";
import { noRenames, sqlOf } from "./table-names.ts";
import type { Names } from "./table-names.ts";
import { findUnseen } from "./unseen.ts";

/** A loss, and what it comes of. */
export interface Lost {
  readonly statement: Statement;
  readonly suspect: Suspect;
  readonly loss: Loss;
}

export interface Examination {
  readonly losses: readonly Loss[];
  /** The same with the statements, but for what is no table's. */
  readonly lost: readonly Lost[];
  /** Statements after which tables or columns have other names. */
  readonly renaming: readonly Statement[];
  /** What the statements have made of names in the end. */
  readonly names: Names;
  /** SQL that makes sure, right before a statement, that what was empty still is. */
  readonly guards: ReadonlyMap<Statement, readonly string[]>;
  /** Code that may delete anything: "its DO block", "app.purge()". */
  readonly unseen: readonly string[];
}

/**
 * Finds what the statements would lose, by looking at the data. Tables that do not exist (because
 * an earlier statement of the same rollback creates them) lose nothing. What DO blocks and
 * functions delete cannot be seen; they are named.
 *
 * Runs in its own read-only transaction, as the migrations role, with row_security off: under
 * FORCE ROW LEVEL SECURITY an owner would otherwise count zero rows.
 */
export async function examineLosses(
  session: Session,
  statements: readonly Statement[],
  role: string | undefined,
): Promise<Examination> {
  const losses = new Map<string, Loss>();
  const guards = new Map<Statement, readonly string[]>();
  const unseen = new Set<string>();
  const names = noRenames();
  const lost: Lost[] = [];
  const renaming: Statement[] = [];
  try {
    await session.script(
      [
        "begin read only",
        ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
        "set local row_security = off",
        `set local statement_timeout = ${countMs}`,
        "set local lock_timeout = 1000",
      ].join(";\n"),
    );
    const assigned = new Set<string>();
    const moved = new Set<string>();
    for (const statement of statements) {
      const empty: Guarded[] = [];
      const renamed = names.tables.length + names.columns.size;
      const source = await findMoved(session, statement, names);
      for (const suspect of await findDoomed(session, statement, names)) {
        if (source && suspect.verb === "deletes from" && suspect.table === sqlOf(source)) continue;
        // Its rows or values are moved before it goes; the guard sees whether all of them were.
        const isMoved = assigned.has(suspect.object) || moved.has(suspect.object);
        if (isMoved && !suspect.isForeign) {
          empty.push({ ...suspect, isProvenBySize: false });
          continue;
        }
        const { loss, isProvenBySize } = await countLoss(session, suspect);
        if (loss) {
          losses.set(loss.object, loss);
          lost.push({ statement, suspect, loss });
        } else if (!suspect.isForeign) empty.push({ ...suspect, isProvenBySize });
      }
      if (names.tables.length + names.columns.size > renamed) renaming.push(statement);
      const database = await findDroppedDatabase(session, statement);
      if (database) losses.set(`database ${database.object}`, database);
      for (const code of await findUnseen(session, statement)) unseen.add(code);
      if (empty.length > 0) guards.set(statement, guardSql(empty));
      if (source) moved.add(sqlOf(source));
      for (const column of await findAssigned(session, statement, names)) assigned.add(column);
    }
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
  return { losses: [...losses.values()], lost, renaming, names, guards, unseen: [...unseen] };
}

/** DROP DATABASE: all that is in another database, which cannot be looked at from here. */
async function findDroppedDatabase(
  session: Session,
  { node }: Statement,
): Promise<Loss | undefined> {
  const name = as(node, "DropdbStmt")?.dbname;
  if (name === undefined) return undefined;
  const [found] = await session.query("select from pg_database where datname = $1", [name]);
  if (!found) return undefined;
  return { verb: "drops", object: ident(name), rows: null, isMore: false, why: "a whole database" };
}
