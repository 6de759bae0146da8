/**
 * One transaction as one message: settings, the statements of a file, the ledger rows, COMMIT.
 * A file costs one round trip, however many statements it has.
 */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { serverPositionToOffset } from "../db/place.ts";
import type { Session } from "../db/session.ts";

export interface TransactionSettings {
  /** Role the statements run as (SET LOCAL ROLE). */
  readonly role: string | undefined;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Behind a transaction pooler nothing may outlive the transaction. */
  readonly isPooled: boolean;
  /** The server can notice that this process is gone (client_connection_check_interval). */
  readonly watchesClient: boolean;
}

/** Column name of the rows that tell how far the server has come. */
const markColumn = "pgwright statement";

/** Lets the server cancel what it runs within a second after this process was killed. */
export const watchClientSql = "set client_connection_check_interval = '1s'";

/**
 * Settings every transaction begins with. Whatever a file before it left behind is reset; RESET ALL
 * brings back what the connection was opened with and does not touch the role.
 */
export function settingsSql(settings: TransactionSettings): string[] {
  return [
    ...(settings.isPooled ? [] : ["reset all"]),
    ...(settings.watchesClient ? [watchClientSql] : []),
    ...(settings.role === undefined ? [] : [`set local role ${ident(settings.role)}`]),
    // An owner under FORCE ROW LEVEL SECURITY would otherwise see no rows, in silence.
    "set local row_security = off",
    `set local lock_timeout = ${settings.lockTimeoutMs}`,
    `set local statement_timeout = ${settings.statementTimeoutMs}`,
    "set local idle_in_transaction_session_timeout = '60s'",
  ];
}

/** What a transaction consists of, in order. */
export interface Transaction {
  readonly before: readonly string[];
  readonly statements: readonly Statement[];
  readonly after: readonly string[];
}

/** The transaction as readable SQL, for a dry run. */
export function printTransaction(transaction: Transaction): string {
  const all = [
    "begin",
    ...transaction.before,
    ...transaction.statements.map((statement) => statement.text),
    ...transaction.after,
    "commit",
  ];
  return `${all.join(";\n")};\n`;
}

/** How a failed transaction relates to the file. */
export interface FailedAt {
  /** 0-based number among `statements`; undefined when it failed before or after them. */
  readonly index: number | undefined;
  /** UTF-16 offset into that statement's text, when the server gave a position. */
  readonly offset: number | undefined;
}

/**
 * Sends the transaction. Between two statements stands a SELECT of a constant: the server gives no
 * position for most errors ("relation already exists"), and the last row that arrived tells which
 * statement failed. It costs about 20 microseconds a statement.
 *
 * On an error the transaction is rolled back, `onFailure` is told where it failed, and the error
 * is thrown on as the server sent it.
 */
export async function runTransaction(
  session: Session,
  transaction: Transaction,
  onFailure: (at: FailedAt, error: unknown) => void,
  onStatement: (index: number) => void = () => {},
): Promise<void> {
  let text = "begin;\n";
  for (const statement of transaction.before) text += `${statement};\n`;
  const starts: number[] = [];
  for (const [index, statement] of transaction.statements.entries()) {
    text += `select ${index} as "${markColumn}";\n`;
    starts.push(text.length);
    text += `${statement.text}\n;\n`;
  }
  if (transaction.statements.length > 0) {
    text += `select ${transaction.statements.length} as "${markColumn}";\n`;
  }
  for (const statement of transaction.after) text += `${statement};\n`;
  text += "commit";
  let reached = -1;
  try {
    await session.script(text, (row) => {
      const mark = row[markColumn];
      if (typeof mark === "number") {
        reached = mark;
        onStatement(mark);
      }
    });
  } catch (error) {
    onFailure(locate(text, starts, transaction.statements, reached, error), error);
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

function locate(
  text: string,
  starts: readonly number[],
  statements: readonly Statement[],
  reached: number,
  error: unknown,
): FailedAt {
  const position = Number((error as { position?: string }).position ?? 0);
  if (position > 0) {
    const offset = serverPositionToOffset(text, position);
    const index = starts.findLastIndex((start) => start <= offset);
    const statement = statements[index];
    const start = starts[index];
    if (statement && start !== undefined && offset <= start + statement.text.length) {
      return { index, offset: offset - start };
    }
  }
  const isInside = reached >= 0 && reached < statements.length;
  return { index: isInside ? reached : undefined, offset: undefined };
}
