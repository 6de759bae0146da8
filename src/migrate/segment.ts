/** Which statements of a section share a transaction, and which PostgreSQL wants outside of any. */
import type { Statement, Tree } from "../db/script.ts";
import type { NodeKind, NodeOf } from "../db/tree.ts";
import { allOf, as, findNodes, isOptionOn } from "../db/tree.ts";
import type { Recovery } from "./alone.ts";
import { findBackfill } from "./backfill/directive.ts";
import type { Backfill } from "./backfill/directive.ts";
import { isRepeatable } from "./repeatable-statement.ts";

export type Run =
  | {
      readonly kind: "block";
      readonly statements: readonly Statement[];
      /** Why the transaction ends here although the next statement could run in one. */
      readonly endsBecause?: string;
    }
  | {
      readonly kind: "alone";
      readonly statement: Statement;
      readonly recovery: Recovery;
      readonly reason: string;
      /** It runs in batches. */
      readonly backfill?: Backfill;
    };

/**
 * Cuts the statements of a section into runs, in order. Statements that PostgreSQL refuses in a
 * transaction block run alone, and so does every statement of a section with `transaction:false`.
 * `text` is what they were parsed from.
 */
export function segment(statements: readonly Statement[], transaction: boolean, text = ""): Run[] {
  const backfills = findBackfills(statements, text);
  if (!transaction) {
    return statements.map((statement) => {
      const backfill = backfills.get(statement);
      return backfill ? runInBatches(statement, backfill) : runWithoutTransaction(statement);
    });
  }
  const runs: Run[] = [];
  let block: Statement[] = [];
  let newValues: { value: string; index: number }[] = [];
  const close = (end: number, endsBecause?: string) => {
    if (end > 0) {
      const done = block.slice(0, end);
      runs.push({ kind: "block", statements: done, ...(endsBecause ? { endsBecause } : {}) });
    }
    block = block.slice(end);
    newValues = newValues
      .filter(({ index }) => index >= end)
      .map(({ value, index }) => ({ value, index: index - end }));
  };
  for (const statement of statements) {
    const backfill = backfills.get(statement);
    if (backfill) {
      close(block.length);
      runs.push(runInBatches(statement, backfill));
      continue;
    }
    const alone = ruleAgainstTransaction(statement);
    if (alone) {
      close(block.length);
      runs.push({ kind: "alone", statement, ...alone });
      continue;
    }
    const used = newValues.findLast(({ value }) => mentions(statement, value));
    if (used) {
      close(
        used.index + 1,
        `a new enum value cannot be used in the transaction that adds it ('${used.value}')`,
      );
    }
    const value = newEnumValue(statement);
    if (value !== undefined) newValues.push({ value, index: block.length });
    block.push(statement);
  }
  close(block.length);
  return runs;
}

/** The runs without the statements that are to be left out. */
export function withoutStatements(
  runs: readonly Run[],
  isLeftOut: (statement: Statement) => boolean,
): Run[] {
  return runs.flatMap((run): Run[] => {
    if (run.kind === "alone") return isLeftOut(run.statement) ? [] : [run];
    const statements = run.statements.filter((statement) => !isLeftOut(statement));
    return statements.length === 0 ? [] : [{ ...run, statements }];
  });
}

/** Directives stand in the comments before a statement. */
function findBackfills(
  statements: readonly Statement[],
  text: string,
): ReadonlyMap<Statement, Backfill> {
  const found = new Map<Statement, Backfill>();
  if (!text.includes("backfill")) return found;
  let end = 0;
  for (const statement of statements) {
    const backfill = findBackfill(text.slice(end, statement.start), statement);
    if (backfill) found.set(statement, backfill);
    ({ end } = statement);
  }
  return found;
}

function runInBatches(statement: Statement, backfill: Backfill): Run {
  const reason = "a backfill runs in batches, each in its own transaction";
  return { kind: "alone", statement, recovery: "batches", reason, backfill };
}

function runWithoutTransaction(statement: Statement): Run {
  const rule = ruleAgainstTransaction(statement);
  if (rule) return { kind: "alone", statement, ...rule };
  return {
    kind: "alone",
    statement,
    recovery: isRepeatable(statement) ? "repeat" : "journal",
    reason: "the section says `transaction:false`",
  };
}

interface AloneRule {
  readonly recovery: Recovery;
  readonly reason: string;
}

type Asker<K extends NodeKind> = (node: NodeOf<K>) => AloneRule | undefined;

/** The callers of PreventInTransactionBlock() in PostgreSQL 15 to 18. */
const askers: { readonly [K in NodeKind]?: Asker<K> } = {
  IndexStmt: ({ concurrent, idxname }) =>
    concurrent ? rule(idxname ? "probe" : "journal", "CREATE INDEX CONCURRENTLY") : undefined,
  DropStmt: ({ concurrent }) => (concurrent ? rule("probe", "DROP INDEX CONCURRENTLY") : undefined),
  ReindexStmt: ({ params }) =>
    isOptionOn(params, "concurrently", false)
      ? rule("probe", "REINDEX CONCURRENTLY")
      : rule("repeat", "REINDEX"),
  AlterTableStmt: ({ cmds }) =>
    allOf(cmds, "AlterTableCmd").some(
      ({ subtype, def }) =>
        subtype === "AT_DetachPartition" && as(def, "PartitionCmd")?.concurrent === true,
    )
      ? rule("probe", "DETACH PARTITION CONCURRENTLY")
      : undefined,
  VacuumStmt: ({ is_vacuumcmd }) => (is_vacuumcmd ? rule("repeat", "VACUUM") : undefined),
  ClusterStmt: () => rule("repeat", "CLUSTER"),
  AlterSystemStmt: () => rule("repeat", "ALTER SYSTEM"),
  DiscardStmt: ({ target }) =>
    target === "DISCARD_ALL" ? rule("repeat", "DISCARD ALL") : undefined,
  CreatedbStmt: () => rule("journal", "CREATE DATABASE"),
  CreateTableSpaceStmt: () => rule("journal", "CREATE TABLESPACE"),
  DropdbStmt: ({ missing_ok }) => rule(missing_ok ? "repeat" : "journal", "DROP DATABASE"),
  DropTableSpaceStmt: ({ missing_ok }) =>
    rule(missing_ok ? "repeat" : "journal", "DROP TABLESPACE"),
  // A database that is in that tablespace already is left alone, without an error.
  AlterDatabaseStmt: ({ options }) =>
    allOf(options, "DefElem").some(({ defname }) => defname === "tablespace")
      ? rule("repeat", "ALTER DATABASE SET TABLESPACE")
      : undefined,
  CreateSubscriptionStmt({ options }) {
    const connects = isOptionOn(options, "connect", true);
    return isOptionOn(options, "create_slot", connects)
      ? rule("journal", "CREATE SUBSCRIPTION with a replication slot")
      : undefined;
  },
  DropSubscriptionStmt: ({ missing_ok }) =>
    rule(missing_ok ? "repeat" : "journal", "DROP SUBSCRIPTION"),
  AlterSubscriptionStmt: ruleForSubscription,
};

/**
 * Why a statement cannot run in a transaction block, if so. Where that depends on the database
 * (REINDEX and CLUSTER of a partitioned table, DROP SUBSCRIPTION with a slot) the answer is yes,
 * since running alone always works.
 */
function ruleAgainstTransaction({ kind, node }: Statement): AloneRule | undefined {
  const ask = askers[kind as NodeKind] as Asker<NodeKind> | undefined;
  return ask?.(Object.values(node)[0] as never);
}

function ruleForSubscription(alter: Tree.AlterSubscriptionStmt): AloneRule | undefined {
  switch (alter.kind) {
    case "ALTER_SUBSCRIPTION_REFRESH":
      return rule("repeat", "ALTER SUBSCRIPTION … REFRESH PUBLICATION");
    case "ALTER_SUBSCRIPTION_SET_PUBLICATION":
    case "ALTER_SUBSCRIPTION_ADD_PUBLICATION":
    case "ALTER_SUBSCRIPTION_DROP_PUBLICATION":
      return isOptionOn(alter.options, "refresh", true)
        ? rule(
            alter.kind === "ALTER_SUBSCRIPTION_SET_PUBLICATION" ? "repeat" : "journal",
            "ALTER SUBSCRIPTION with a refresh",
          )
        : undefined;
    case "ALTER_SUBSCRIPTION_OPTIONS":
      // Both change the slot on the publisher: failover since 17, two_phase since 18.
      return allOf(alter.options, "DefElem").some(
        ({ defname }) => defname === "failover" || defname === "two_phase",
      )
        ? rule("repeat", "ALTER SUBSCRIPTION SET (failover, two_phase)")
        : undefined;
    default:
      return undefined;
  }
}

function rule(recovery: Recovery, what: string): AloneRule {
  return { recovery, reason: `${what} cannot run in a transaction` };
}

/** The value that ALTER TYPE … ADD VALUE adds. */
export function newEnumValue({ node }: Statement): string | undefined {
  const alter = as(node, "AlterEnumStmt");
  return alter?.oldVal === undefined ? alter?.newVal : undefined;
}

/**
 * True where a constant is the value, or an array, a row or the body of a function has it inside.
 * A constant of the same spelling and another type splits the block too: harmless, and its type
 * is not known here.
 */
function mentions({ node }: Statement, value: string): boolean {
  const constants = findNodes(node, "A_Const").map(({ sval }) => sval?.sval);
  const isUsed = constants.some(
    (text) =>
      text !== undefined && (text === value || (/^[{(]/.test(text) && text.includes(value))),
  );
  if (isUsed || !("CreateFunctionStmt" in node || "DoStmt" in node)) return isUsed;
  return findNodes(node, "DefElem")
    .filter(({ defname }) => defname === "as")
    .some(({ arg }) => findNodes([arg], "String").some(({ sval }) => sval?.includes(value)));
}
