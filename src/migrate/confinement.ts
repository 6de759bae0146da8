/**
 * Keeps migrations that run in a throwaway database from changing the server around it. Statements
 * that say so are not run. What DO blocks, functions and triggers do is seen in the catalogs that all
 * databases share: a transaction that has written there is rolled back, and runs once more without the
 * statements that did.
 */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { BeyondCalls, bodyOf, runsCode, speaksOfServer } from "./beyond-calls.ts";
import { firstLine } from "./journal.ts";
import { isServerWide } from "./server-wide.ts";
import {
  changesBetween,
  leavesShared,
  notesShared,
  readShared,
  sharedTouched,
} from "./shared-state.ts";
import type { SharedState } from "./shared-state.ts";
import type { FailedAt, Transaction } from "./transaction.ts";
import { runTransaction } from "./transaction.ts";

/** One that is not run. */
export interface LeftStatement {
  readonly file: string;
  readonly statement: Statement;
  /** What it would change, where that is known. */
  readonly why: string | undefined;
}

/** Told once of each, also in a sentence. */
export type OnLeftOut = (message: string, left: LeftStatement) => void;

export class Confinement {
  /** Roles that the files, or we for them, have made meanwhile: by oid, with the name as SQL has it. */
  readonly #own = new Map<string, string>();
  readonly #calls = new BeyondCalls();
  readonly #told = new Set<string>();
  readonly #how: string;
  readonly #onLeftOut: OnLeftOut;

  /** @param how "left out, because it reaches beyond a throwaway database" */
  constructor(how: string, onLeftOut: OnLeftOut) {
    this.#how = how;
    this.#onLeftOut = onLeftOut;
  }

  /** True for a statement that is not to run, as it says itself. Asked of all, in their order. */
  leavesOut(statement: Statement, file: string): boolean {
    const calls = this.#calls.has(statement);
    if (!calls && !isServerWide(statement)) return false;
    this.#tell(statement, file);
    return true;
  }

  /** A bare role that was made for the time. */
  own(oid: string): void {
    this.#own.set(oid, "");
  }

  get hasMadeRoles(): boolean {
    return [...this.#own.values()].some((name) => name !== "");
  }

  /** Roles that DO blocks and functions have made and that are there now, as SQL names them. */
  async rolesLeft(session: Session): Promise<string[]> {
    const rows = await session.settle<{ oid: string }>("select oid::text from pg_roles");
    return rows.map(({ oid }) => this.#own.get(oid) ?? "").filter((name) => name !== "");
  }

  /** `run` of the transaction; without what changes the server, if anything does. */
  async within(
    file: string,
    transaction: Transaction,
    run: (confined: Transaction) => Promise<void>,
  ): Promise<void> {
    try {
      await run({
        ...transaction,
        before: [...transaction.before, notesShared],
        after: [leavesShared, ...transaction.after],
      });
    } catch (error) {
      if (!hasSqlState(error, sharedTouched)) throw error;
      await run({ ...transaction, judge: this.#judge(file) });
    }
  }

  /**
   * A statement that stands outside of transactions and may run in one, does. One that commits on its
   * way runs as it is, unless it, or a function that is there, speaks of what is on the server.
   */
  async alone(
    file: string,
    statement: Statement,
    session: Session,
    run: () => Promise<void>,
    onFailure: (at: FailedAt) => void,
  ): Promise<void> {
    if (!runsCode(statement)) return run();
    const transaction = { before: [], statements: [statement], after: [] };
    try {
      await this.within(file, transaction, (confined) =>
        runTransaction(session, confined, onFailure),
      );
    } catch (error) {
      if (!hasSqlState(error, "2D000")) throw error;
      if (await mayChangeServer(session, statement)) this.#tell(statement, file);
      else await run();
    }
  }

  #judge(file: string): NonNullable<Transaction["judge"]> {
    let before: SharedState | undefined;
    return {
      begin: async (session) => {
        before = await readShared(session);
      },
      isAllowed: async (session, statement) => {
        const after = await readShared(session);
        const { changed, made } = changesBetween(before ?? after, after, new Set(this.#own.keys()));
        if (changed.length > 0) {
          this.#tell(statement, file, `${changed.join(", ")} would change`);
          return false;
        }
        for (const [oid, name] of made) {
          this.#own.set(oid, name);
        }
        before = after;
        return true;
      },
    };
  }

  #tell(statement: Statement, file: string, why?: string): void {
    const reason = why === undefined ? "" : ` (${why})`;
    const message = `${file}: ${this.#how}${reason}: ${firstLine(statement.text)}`;
    if (!this.#told.has(message)) this.#onLeftOut(message, { file, statement, why });
    this.#told.add(message);
  }
}

async function mayChangeServer(session: Session, { node }: Statement): Promise<boolean> {
  const routines = await session.query<{ body: string }>(
    `select prosrc as body from pg_catalog.pg_proc
     where pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`,
  );
  const own = "DoStmt" in node ? bodyOf(node.DoStmt.args) : "";
  return [own, ...routines.map(({ body }) => body)].some(speaksOfServer);
}
