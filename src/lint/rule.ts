/** The vocabulary of rules: what one sees, and what it says. */
import type { Statement, Tree } from "../db/script.ts";
import type { NodeKind, NodeOf } from "../db/tree.ts";
import { as } from "../db/tree.ts";
import type { Severity } from "../findings.ts";
import type { Effect } from "../locks/effect.ts";
import type { FactName } from "../locks/facts.ts";
import type { Model } from "../locks/model.ts";
import type { FileStatements } from "./file-statements.ts";

type CommandKind = NonNullable<Tree.AlterTableCmd["subtype"]>;

/** One thing that is often wrong with migrations. */
export interface LintRule {
  /** As ignore comments name it; findings carry it with `lint/` before it. */
  readonly name: string;
  /** Unless a judgement has its own. */
  readonly severity: Severity;
  /** One line for a list. */
  readonly summary: string;
  /** What happens, with the lock or the fact of PostgreSQL behind it. */
  readonly why: string;
  /** What to write in its place. */
  readonly safe: string;
  /** The rules of squawk that find the same. */
  readonly squawk?: readonly string[];
  /**
   * It is shown statements of these kinds, ALTER TABLE with one of these commands, and statements
   * with one of these effects; every statement where it names neither. Most rules are about one kind.
   */
  readonly kinds?: readonly (NodeKind | CommandKind)[];
  readonly facts?: readonly FactName[];
  judge(step: Step): Judgement[];
}

/** A statement with everything that is known when its turn comes. */
export interface Step {
  readonly statement: Statement;
  /** Of the statement in its file, from 1; `statement.line` counts from the top of its section. */
  readonly line: number;
  readonly effects: readonly Effect[];
  /** Before the statement. */
  readonly model: Model;
  /** Earlier ones whose locks are held until this one is done: they share its transaction. */
  readonly before: readonly Step[];
  /** All of the file, in order; only of the earlier ones the effects are known. */
  readonly file: FileStatements;
  /** Of the tables in its effects, those that nobody else knows: new before it, or made by it. Known behind it. */
  readonly own: ReadonlySet<string>;
  /** The file begins a transaction by itself, as other runners have it, and this stands in it. */
  readonly isInBlock: boolean;
  /** `-- backfill:` stands before it. */
  readonly isInBatches: boolean;
}

export interface Judgement {
  readonly message: string;
  readonly hint?: string;
  readonly severity?: Severity;
  /** The table it is about: one that the same release creates is nobody's yet, and no finding. */
  readonly table?: string;
  /** It takes time with the rows of the table: an empty one is no finding, a small one only worth a word. */
  readonly isBySize?: boolean;
  /** What it is about, where that is no table. */
  readonly object?: string;
}

/** The inside of the statement when it is of this kind. */
export function nodeOf<K extends NodeKind>(
  { statement }: Pick<Step, "statement">,
  kind: K,
): NodeOf<K> | undefined {
  return statement.kind === kind ? as(statement.node, kind) : undefined;
}
