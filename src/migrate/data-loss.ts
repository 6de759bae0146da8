/** What a rollback would lose: rows of tables it drops or empties, values of columns it drops. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState, isPostgresError } from "../db/session.ts";
import type { Suspect } from "./suspect.ts";
import { findAssigned, findDoomed } from "./doomed.ts";
import type { Guarded } from "./loss-guard.ts";
import { guardSql } from "./loss-guard.ts";
import { noRenames } from "./table-names.ts";
import measureTable from "./table-size.sql";

/** One table or column whose content would be gone. */
export interface Loss {
  /** "user_service.users" or "user_service.users.middle_name". */
  readonly object: string;
  /** Rows with a value; null when they could not be counted. */
  readonly rows: number | null;
  /** True when there are more rows than were counted. */
  readonly isMore: boolean;
  /** Why they could not be counted. */
  readonly why?: string;
}

export interface Examination {
  readonly losses: readonly Loss[];
  /** SQL that makes sure, right before a statement, that what was empty still is. */
  readonly guards: ReadonlyMap<Statement, readonly string[]>;
}

/** Rows beyond this number are not counted: the answer is "many". */
const countLimit = 100_000;
/** A column of a large table is searched for values no longer than this. */
const countMs = 3_000;

/**
 * Finds what the statements would lose, by looking at the data. Tables that do not exist (because
 * an earlier statement of the same rollback creates them) lose nothing. What DO blocks and
 * functions delete cannot be seen.
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
  const names = noRenames();
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
    for (const statement of statements) {
      const empty: Guarded[] = [];
      for (const suspect of await findDoomed(session, statement, names)) {
        // Its values are moved before it goes; the guard sees whether all of them were.
        if (assigned.has(suspect.object) && !suspect.isForeign) {
          empty.push({ ...suspect, isProvenBySize: false });
          continue;
        }
        const { loss, isProvenBySize } = await countLoss(session, suspect);
        if (loss) losses.set(loss.object, loss);
        else if (!suspect.isForeign) empty.push({ ...suspect, isProvenBySize });
      }
      if (empty.length > 0) guards.set(statement, guardSql(empty));
      for (const column of await findAssigned(session, statement, names)) assigned.add(column);
    }
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
  return { losses: [...losses.values()], guards };
}

/** Counts up to the limit; what cannot be counted is a loss of unknown size. */
async function countLoss(
  session: Session,
  suspect: Suspect,
): Promise<{ loss?: Loss; isProvenBySize: boolean }> {
  const { object } = suspect;
  await session.query("savepoint counting");
  try {
    const { rows } = await session.one<{ rows: string }>(
      `select count(*)::text as rows from (${suspect.rows}\nlimit ${countLimit + 1}) counted`,
    );
    await session.query("release savepoint counting");
    const count = Number(rows);
    if (count === 0) return { isProvenBySize: false };
    const isMore = count > countLimit;
    return { loss: { object, rows: Math.min(count, countLimit), isMore }, isProvenBySize: false };
  } catch (error) {
    const why = reasonFor(error);
    if (why === undefined) throw error;
    await session.settle("rollback to savepoint counting");
    // Rows that may not be read, or a table that is locked: a table without a page has none.
    if (!suspect.isForeign) {
      const { bytes } = await session.one<{ bytes: string }>(measureTable, [suspect.table]);
      if (bytes === "0") return { isProvenBySize: true };
    }
    return { loss: { object, rows: null, isMore: false, why }, isProvenBySize: false };
  }
}

/** Why counting failed; undefined for an error that means something else. */
function reasonFor(error: unknown): string | undefined {
  if (hasSqlState(error, "57014")) return `not counted within ${countMs / 1000} s`;
  if (hasSqlState(error, "55P03")) return "not counted: the table is locked";
  // 42501 covers both a missing SELECT and row level security that would hide rows.
  if (isPostgresError(error) && error.code === "42501") return `not counted: ${error.message}`;
  // The condition of a DELETE uses something an earlier statement of the rollback creates.
  if (isPostgresError(error) && /^42(?:P01|703|883|704)$/.test(error.code)) {
    return `not counted: ${error.message}`;
  }
  return undefined;
}

/** A loss in words: "app.users: more than 100,000 rows". */
export function describeLoss(loss: Loss): string {
  if (loss.rows === null) return `${loss.object}: ${loss.why}`;
  const count = loss.rows.toLocaleString("en-US");
  return `${loss.object}: ${loss.isMore ? "more than " : ""}${count} ${loss.rows === 1 ? "row" : "rows"}`;
}
