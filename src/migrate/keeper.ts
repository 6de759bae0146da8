/** What belongs to tables beside their columns, kept true while migrations change them. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";

/**
 * `policies/` declares row level security, rights and audit triggers. They follow a migration inside
 * its own transaction, so that no writer meets a trigger that knows a column by its old name, and no
 * role reaches a new table before its policies hold.
 */
export interface Keeper {
  /** True when a transaction of these statements may change tables; such a one is several messages. */
  concerns(statements: readonly Statement[]): boolean;
  /**
   * What stands in the way of the statements, as SQL that takes it away: a policy whose column is
   * dropped. `session` is in the transaction, before the first of them.
   */
  clear(session: Session, statements: readonly Statement[]): Promise<Cleared>;
  /** SQL that brings about what is declared for the touched tables; the statements have run. */
  restore(session: Session, cleared: Cleared): Promise<readonly string[]>;
  /** SQL that brings about all that is declared, but for what reaches beyond this database. */
  whole(session: Session): Promise<readonly string[]>;
  /** What `restore` is about, in words, for a dry run. */
  describe(statements: readonly Statement[]): readonly string[];
}

/** What was taken away for the time of the statements. */
export interface Cleared {
  readonly sql: readonly string[];
  /** Makes again, right after the statements, what nothing declares: views. */
  readonly again: readonly Again[];
  /** By statement: views that use a column of it and cannot be made again, with the reason. */
  readonly obstacles: ReadonlyMap<number, readonly string[]>;
  /** Oids of the tables it belonged to, roots of partition trees. */
  readonly tables: ReadonlySet<number>;
  /** Declared policies among it, as far as the statements leave their table. */
  readonly policies: readonly ClearedPolicy[];
  /** What the statements themselves keep from being made again, for a dry run. */
  readonly notes: readonly string[];
}

/** A declared policy that was dropped for a statement. */
export interface ClearedPolicy {
  /** As SQL. */
  readonly name: string;
  /** The table as the files name it, as SQL. */
  readonly table: string;
  readonly oid: string;
}

/** A view that was dropped for a statement, with the SQL that makes it again. */
export interface Again {
  readonly view: string;
  readonly sql: readonly string[];
  /** Which of the statements needs it. */
  readonly statement: number;
}

/** What a dry run shows of a keeper's work in one transaction. */
export interface Rehearsal extends Pick<Cleared, "sql"> {
  readonly again: readonly string[];
  readonly notes: readonly string[];
}

/** For each block of statements that the keeper has a word in; reads only. */
export async function rehearseKeeper<Step extends object>(
  keeper: Keeper | undefined,
  session: Session,
  steps: readonly Step[],
): Promise<Map<Step, Rehearsal>> {
  const found = new Map<Step, Rehearsal>();
  for (const step of keeper ? steps : []) {
    if (!("statements" in step)) continue;
    const statements = step.statements as readonly Statement[];
    if (!keeper?.concerns(statements)) continue;
    const { sql, again, notes } = await keeper.clear(session, statements);
    const made = again.flatMap((view) => view.sql);
    found.set(step, { sql, again: made, notes: [...keeper.describe(statements), ...notes] });
  }
  return found;
}
