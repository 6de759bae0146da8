/** What a rollback would lose: rows of tables it drops or empties, values of columns it drops or changes. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { as, findNodes, stringsOf } from "../db/tree.ts";
import { doomedByCascade, findDroppedConstraints } from "./cascade.ts";
import type { Loss } from "./count-loss.ts";
import { countLoss, countMs } from "./count-loss.ts";
import { findAssigned, findDoomed } from "./doomed.ts";
import { doomedByKeyChange } from "./key-change.ts";
import { withoutSeparated } from "./heirs.ts";
import type { Guarded } from "./loss-guard.ts";
import { guardSql } from "./loss-guard.ts";
import { findMoved } from "./moved.ts";
import { findChanges } from "./overwritten.ts";
import { isHome } from "./home.ts";
import { findRuleDeeds } from "./rules.ts";
import type { Run } from "./segment.ts";
import { statementsOf } from "./journal.ts";
import { partOverlaps } from "./overlap.ts";
import type { Suspect } from "./suspect.ts";
import { takesSingleRows, uniteSuspects } from "./suspect.ts";
import { noRenames, sqlOf } from "./table-names.ts";
import type { Names } from "./table-names.ts";
import { findTemporary, nameTemporary } from "./temporary.ts";
import { allCertain, findUntold, movedBy, noteUncertain } from "./untold.ts";
import { findCodeLoss, findUnseen } from "./unseen.ts";

/** A loss, and what it comes of. */
export interface Lost {
  readonly statement: Statement;
  readonly suspect: Suspect;
  readonly loss: Loss;
}

/** What the rollbacks before this one in the same run will have done by then; each adds its own. */
export interface Earlier {
  readonly names: Names;
  /** Tables, columns and constraints that are dropped by then. */
  readonly gone: Set<string>;
}

export function startOfRun(): Earlier {
  return { names: noRenames(), gone: new Set() };
}

export interface Examination {
  readonly losses: readonly Loss[];
  /** The same with the statements, but for what is no table's. */
  readonly lost: readonly Lost[];
  /** Statements after which tables or columns have other names. */
  readonly renaming: readonly Statement[];
  /** What the statements have made of names in the end. */
  readonly names: Names;
  /** Tables, columns and constraints that the statements name to be dropped, and what goes with them. */
  readonly dropped: ReadonlySet<string>;
  /** SQL that makes sure, right before a statement, that what was empty still is. */
  readonly guards: ReadonlyMap<Statement, readonly string[]>;
  /** Code that may delete anything: "its DO block", "app.purge()". */
  readonly unseen: readonly string[];
}

/**
 * Finds what the statements would lose, by looking at the data. Tables that do not exist (because
 * an earlier statement of the same rollback creates them) lose nothing. What DO blocks and
 * functions delete cannot be seen; they are named. A DO block whose text says that it does is a loss.
 * `firstLine` is where the section begins in its file.
 *
 * `done` of the statements have run already, in a session that is gone. `earlier` rollbacks of the same
 * run have not, but will have.
 *
 * Runs in its own read-only transaction, as the migrations role, with row_security off: under
 * FORCE ROW LEVEL SECURITY an owner would otherwise count zero rows.
 */
export async function examineLosses(
  session: Session,
  runs: readonly Run[],
  role: string | undefined,
  firstLine = 1,
  done = 0,
  { names, gone }: Earlier = startOfRun(),
): Promise<Examination> {
  const statements = statementsOf(runs);
  const temporary = findTemporary(runs, done);
  const uncertain = allCertain();
  const losses = new Map<string, Loss>();
  const guards = new Map<Statement, readonly string[]>();
  const unseen = new Set<string>();
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
    /** Rows of a table, and values of a column, that go by several statements are counted together. */
    const note = async (statement: Statement, suspect: Suspect, loss: Loss) => {
      const earlier = lost.findIndex((one) => canUnite(one.suspect, suspect));
      const one = lost[earlier];
      if (!one) {
        losses.set(loss.object, loss);
        lost.push({ statement, suspect, loss });
        return;
      }
      const both = uniteSuspects(one.suspect, suspect);
      const united = { suspect: both, loss: (await countLoss(session, both)).loss ?? loss };
      losses.set(loss.object, united.loss);
      lost[earlier] = { statement: one.statement, ...united };
      lost.push({ statement, ...united });
    };
    /** Values that are lost or kept already need no look at what became of them. */
    const mayGuard = ({ isForeign, verb, object }: Suspect) =>
      !isForeign && !(verb === "overwrites" && losses.has(object));
    for (const [index, statement] of statements.entries()) {
      const about = movedBy(uncertain) ? undefined : temporary.get(statement);
      const found = await nameTemporary(session, statement, about);
      const { statement: named, isAboutTemporary } = found;
      const empty: Guarded[] = [];
      const renamed = names.tables.length + names.columns.size;
      const taken = await findMoved(session, named, names);
      const before = statements.slice(0, index);
      const around = { before, behind: statements.slice(index + 1), names, uncertain };
      const source = taken && (await isHome(session, named, around)) ? taken : undefined;
      /** What goes with rows that are there; rows that come in later meet the guard of the table itself. */
      const examineCascade = async (root: Suspect) => {
        for (const suspect of await doomedByCascade(session, root, names, gone)) {
          const { loss, isProvenBySize } = await countLoss(session, suspect);
          if (loss) await note(statement, suspect, loss);
          else if (mayGuard(suspect)) empty.push({ ...suspect, isProvenBySize });
        }
      };
      const untold = findUntold(named, uncertain);
      const doomed = (await findDoomed(session, named, names, gone)).filter(
        ({ tableThen }) => !untold.some((suspect) => suspect.tableThen === tableThen),
      );
      const direct: Suspect[] = [];
      for (const suspect of [...untold, ...doomed]) {
        const isAny =
          isSelectedBy(statement, suspect, assigned) ||
          (isAboutTemporary && takesSingleRows(suspect));
        const taken = isAny ? anyRowOf(suspect) : suspect;
        direct.push(await withoutSeparated(session, taken, names));
      }
      for (const suspect of direct) {
        if (source && suspect.verb === "deletes from" && suspect.table === sqlOf(source)) {
          await examineCascade(suspect);
          continue;
        }
        // Its rows or values are moved before it goes; the guard sees whether all of them were.
        const isMoved = assigned.has(suspect.object) || moved.has(suspect.object);
        if (isMoved && !suspect.isForeign) {
          empty.push({ ...suspect, isProvenBySize: false });
          continue;
        }
        const { loss, isProvenBySize } = await countLoss(session, suspect);
        if (loss) {
          await note(statement, suspect, loss);
          await examineCascade(suspect);
        } else if (mayGuard(suspect)) empty.push({ ...suspect, isProvenBySize });
      }
      const changes = await findChanges(session, named, names, gone);
      const isLate = isAboutTemporary || changes.some(({ object }) => assigned.has(object));
      const ofTables = changes.filter(({ whole }) => !whole.isForeign);
      for (const suspect of await doomedByKeyChange(session, ofTables, names, gone)) {
        // What refers to a value that an earlier UPDATE writes, or a temporary table has, is seen by the guard alone.
        const count = isLate ? undefined : await countLoss(session, suspect);
        if (count?.loss) await note(statement, suspect, count.loss);
        else if (mayGuard(suspect)) {
          empty.push({ ...suspect, isProvenBySize: count?.isProvenBySize ?? false });
        }
      }
      if (names.tables.length + names.columns.size > renamed) renaming.push(statement);
      const database = await findDroppedDatabase(session, statement);
      if (database) losses.set(`database ${database.object}`, database);
      const code = findCodeLoss(statement, firstLine);
      if (code) losses.set(code.object, code);
      for (const one of await findUnseen(session, statement)) unseen.add(one);
      for (const one of await findRuleDeeds(session, named, names, before)) unseen.add(one);
      if (empty.length > 0) guards.set(statement, guardSql(empty));
      if (source) moved.add(sqlOf(source));
      for (const column of await findAssigned(session, named, names)) assigned.add(column);
      for (const { verb, object } of direct) if (verb === "drops") gone.add(object);
      for (const key of await findDroppedConstraints(session, named, names)) gone.add(key);
      await noteUncertain(session, named, uncertain, temporary.size > 0);
    }
    const parted = await partOverlaps(session, lost, losses);
    for (const [statement, sql] of parted.guards) {
      guards.set(statement, [...(guards.get(statement) ?? []), ...sql]);
    }
    return {
      losses: parted.losses,
      lost: parted.lost,
      renaming,
      names,
      dropped: new Set(gone),
      guards,
      unseen: [...unseen],
    };
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

function canUnite(one: Suspect, other: Suspect): boolean {
  return (
    one.verb === other.verb && one.object === other.object && takesSingleRows(one) && !one.isForeign
  );
}

/** Which rows it takes depends on what is not there yet. */
function anyRowOf(suspect: Suspect): Suspect {
  const rows = suspect.atMost ?? `select from ${suspect.table}`;
  return { ...suspect, rows, isUpperBound: true };
}

/** True for a DELETE whose condition may look at values that an UPDATE before it has changed: any row may go. */
function isSelectedBy(
  { node }: Statement,
  { verb, table }: Suspect,
  assigned: ReadonlySet<string>,
): boolean {
  if (verb !== "deletes from" || assigned.size === 0) return false;
  if (findNodes(node, "SubLink").length > 0) return true;
  return findNodes(node, "ColumnRef").some(({ fields }) =>
    assigned.has(`${table}.${ident(stringsOf(fields).at(-1) ?? "")}`),
  );
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
