/**
 * One transaction as one message: settings, the statements of a file, the ledger rows, COMMIT.
 * A file costs one round trip, however many statements it has.
 */
import type { Statement } from "../db/script.ts";
import { serverPositionToOffset } from "../db/place.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState, isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Again, Keeper } from "./keeper.ts";

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
  /** With it, the statements are sent one by one. */
  readonly judge?: Judge;
}

/** Looks at each statement behind it, in its transaction. */
export interface Judge {
  begin(session: Session): Promise<void>;
  /** False for one that is undone, as if it did not stand there. */
  isAllowed(session: Session, statement: Statement): Promise<boolean>;
}

/** The transaction as plain SQL: for a dry run, and where nobody asks which statement failed. */
export function writeTransaction({ before, statements, guards, after }: Transaction): string {
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
 * tells which statement failed. It costs 4 microseconds a statement.
 */
function composeTransaction(transaction: Transaction): Composed {
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
  const { before, after, judge } = transaction;
  try {
    if (judge) {
      await session.script([begin, ...before].join(";\n"));
      await sendJudged(session, transaction, judge, onFailure);
      await session.script([...after, "commit"].join(";\n"));
      return;
    }
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
  const { before, statements, after, judge } = transaction;
  try {
    await session.script([begin, ...before].join(";\n"));
    const cleared = await keeper.clear(session, statements);
    let failedAt: FailedAt | undefined;
    const noteFailure = (at: FailedAt) => {
      failedAt = at;
      onFailure(at);
    };
    try {
      if (judge) {
        await session.script(cleared.sql.join(";\n"));
        await sendJudged(session, transaction, judge, noteFailure);
      } else {
        const composed = compose(cleared.sql, transaction, []);
        await sendStatements(session, composed, transaction, noteFailure);
      }
    } catch (error) {
      throw explainObstacle(error, cleared.obstacles.get(failedAt?.index ?? -1));
    }
    for (const view of cleared.again) await makeAgain(session, view, onFailure);
    const restored = await keeper.restore(session, cleared);
    await session.script([...restored, ...after, "commit"].join(";\n"));
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}

/** PostgreSQL's refusal to retype a column that views use, with the views and why they stay. */
function explainObstacle(error: unknown, views: readonly string[] | undefined): unknown {
  // 0A000 is also what else cannot be done; the statement is one that retypes a column.
  if (views === undefined || !hasSqlState(error, "0A000")) return error;
  return new PgwrightError(
    "view-in-the-way",
    `the type cannot be changed: ${views.join(", ")} uses the column and cannot be dropped and made again by itself`,
    {
      cause: error,
      hint: "in the migration itself, drop it before this statement and create it after, with its rights; in `migrate:down` as well",
    },
  );
}

async function makeAgain(
  session: Session,
  { view, sql, statement }: Again,
  onFailure: (at: FailedAt) => void,
): Promise<void> {
  try {
    await session.script(sql.join(";\n"));
  } catch (error) {
    // Class 42: no such function or operator, or another type than one that is needed; 42501 is a right.
    if (!isPostgresError(error) || !/^42(?!501)/.test(error.code)) throw error;
    onFailure({ index: statement, offset: undefined });
    throw new PgwrightError(
      "view-in-the-way",
      `view ${view} does not fit the column's new type: ${error.message}`,
      {
        cause: error,
        hint: `it was dropped for this statement and could not be made again as it was: in the migration itself, \`drop view ${view};\` before the statement and create it in its new form after, in \`migrate:down\` as well`,
      },
    );
  }
}

async function sendStatements(
  session: Session,
  { text, starts }: Composed,
  { statements }: Pick<Transaction, "statements">,
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

async function sendJudged(
  session: Session,
  { statements, guards }: Transaction,
  judge: Judge,
  onFailure: (at: FailedAt) => void,
): Promise<void> {
  await judge.begin(session);
  for (const [index, statement] of statements.entries()) {
    const one = { statements: [statement], ...(guards ? { guards } : {}) };
    await session.script(`savepoint ${savepoint}`);
    await sendStatements(session, compose([], one, []), one, (at) =>
      onFailure({ ...at, index: at.index === undefined ? undefined : index }),
    );
    const isAllowed = await judge.isAllowed(session, statement);
    await session.script(`${isAllowed ? "release" : "rollback to"} savepoint ${savepoint}`);
    if (!isAllowed) await judge.begin(session);
  }
}

const savepoint = "pgwright_judged";

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
