/**
 * One transaction as one message: settings, the statements of a file, the ledger rows, COMMIT.
 * A file costs one round trip, however many statements it has.
 */
import type { Statement } from "../db/script.ts";
import { serverPositionToOffset } from "../db/place.ts";
import type { Session } from "../db/session.ts";
import type { Keeper } from "./keeper.ts";

/** Column name of the rows that tell how far the server has come. */
const markColumn = "pgwright statement";

/**
 * Under REPEATABLE READ a guard would look at a snapshot from before its lock, and files are written
 * for the standard level, whatever default_transaction_isolation says.
 */
const begin = "begin isolation level read committed";

/** What a transaction consists of, in order. */
export interface Transaction {
  readonly before: readonly string[];
  readonly statements: readonly Statement[];
  /** SQL that runs right before some of the statements. */
  readonly guards?: ReadonlyMap<Statement, readonly string[]>;
  readonly after: readonly string[];
}

/** The transaction as readable SQL, for a dry run. */
export function printTransaction({ before, statements, guards, after }: Transaction): string {
  const all = [
    begin,
    ...before,
    ...statements.flatMap((statement) => [...(guards?.get(statement) ?? []), statement.text]),
    ...after,
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
 * The transaction as one message. Between two statements stands a SELECT of a constant: the server
 * gives no position for most errors ("relation already exists"), and the last row that arrived
 * tells which statement failed. It costs about 20 microseconds a statement.
 */
export function composeTransaction(transaction: Transaction): Composed {
  const head = [begin, ...transaction.before];
  return compose(head, transaction, [...transaction.after, "commit"]);
}

interface Composed {
  readonly text: string;
  /** Where each statement begins in `text`. */
  readonly starts: readonly number[];
}

function compose(
  head: readonly string[],
  { statements, guards }: Pick<Transaction, "statements" | "guards">,
  tail: readonly string[],
): Composed {
  let text = head.map((sql) => `${sql};\n`).join("");
  const starts: number[] = [];
  for (const [index, statement] of statements.entries()) {
    text += `select ${index} as "${markColumn}";\n`;
    for (const guard of guards?.get(statement) ?? []) text += `${guard};\n`;
    starts.push(text.length);
    text += `${statement.text}\n;\n`;
  }
  if (statements.length > 0) text += `select ${statements.length} as "${markColumn}";\n`;
  return { text: text + tail.join(";\n"), starts };
}

/**
 * Sends the transaction. On an error the transaction is rolled back, `onFailure` is told where it failed, and the error
 * is thrown on as the server sent it.
 */
export async function runTransaction(
  session: Session,
  transaction: Transaction,
  onFailure: (at: FailedAt) => void = () => {},
): Promise<void> {
  try {
    await sendStatements(session, composeTransaction(transaction), transaction, onFailure);
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

/**
 * The same where `keeper` has a word in it: what it needs depends on the catalog before and after the
 * statements, so the transaction is several messages.
 */
export async function runKeptTransaction(
  session: Session,
  transaction: Transaction,
  keeper: Keeper,
  onFailure: (at: FailedAt) => void = () => {},
): Promise<void> {
  const { before, statements, after } = transaction;
  try {
    await session.script([begin, ...before].join(";\n"));
    const cleared = await keeper.clear(session, statements);
    await sendStatements(
      session,
      compose(cleared.sql, transaction, cleared.again),
      transaction,
      onFailure,
    );
    const restored = await keeper.restore(session, cleared);
    await session.script([...restored, ...after, "commit"].join(";\n"));
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

async function sendStatements(
  session: Session,
  { text, starts }: Composed,
  { statements }: Transaction,
  onFailure: (at: FailedAt) => void,
): Promise<void> {
  let reached = -1;
  try {
    await session.script(text, (row) => {
      const mark = row[markColumn];
      if (typeof mark === "number") reached = mark;
    });
  } catch (error) {
    onFailure(locate(text, starts, statements, reached, error));
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
