/** Which statements of a section share a transaction, and which PostgreSQL wants outside of any. */
import type { Statement } from "../db/script.ts";
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
    const used = newValues.filter(({ value }) => mentions(statement, value)).at(-1);
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

/**
 * Why a statement cannot run in a transaction block, if so: the callers of
 * PreventInTransactionBlock() in PostgreSQL 15 to 18. Where that depends on the database (REINDEX
 * and CLUSTER of a partitioned table, DROP SUBSCRIPTION with a slot) the answer is yes, since
 * running alone always works.
 */
function ruleAgainstTransaction(statement: Statement): AloneRule | undefined {
  const { node } = statement;
  const index = as(node, "IndexStmt");
  if (index?.concurrent) {
    return rule(index.idxname ? "probe" : "journal", "CREATE INDEX CONCURRENTLY");
  }
  const drop = as(node, "DropStmt");
  if (drop?.concurrent) return rule("probe", "DROP INDEX CONCURRENTLY");
  const reindex = as(node, "ReindexStmt");
  if (reindex) {
    return isOptionOn(reindex.params, "concurrently", false)
      ? rule("probe", "REINDEX CONCURRENTLY")
      : rule("repeat", "REINDEX");
  }
  const alterTable = as(node, "AlterTableStmt");
  if (alterTable) {
    const detaches = allOf(alterTable.cmds, "AlterTableCmd").some(
      ({ subtype, def }) =>
        subtype === "AT_DetachPartition" && as(def, "PartitionCmd")?.concurrent === true,
    );
    return detaches ? rule("probe", "DETACH PARTITION CONCURRENTLY") : undefined;
  }
  if (as(node, "VacuumStmt")?.is_vacuumcmd) return rule("repeat", "VACUUM");
  if (as(node, "ClusterStmt")) return rule("repeat", "CLUSTER");
  if (as(node, "AlterSystemStmt")) return rule("repeat", "ALTER SYSTEM");
  if (as(node, "DiscardStmt")?.target === "DISCARD_ALL") return rule("repeat", "DISCARD ALL");
  return ruleForDatabase(statement) ?? ruleForSubscription(statement);
}

function ruleForDatabase({ node }: Statement): AloneRule | undefined {
  if (as(node, "CreatedbStmt")) return rule("journal", "CREATE DATABASE");
  if (as(node, "CreateTableSpaceStmt")) return rule("journal", "CREATE TABLESPACE");
  const dropDatabase = as(node, "DropdbStmt");
  if (dropDatabase) return rule(dropDatabase.missing_ok ? "repeat" : "journal", "DROP DATABASE");
  const dropSpace = as(node, "DropTableSpaceStmt");
  if (dropSpace) return rule(dropSpace.missing_ok ? "repeat" : "journal", "DROP TABLESPACE");
  const options = allOf(as(node, "AlterDatabaseStmt")?.options, "DefElem");
  // A database that is in that tablespace already is left alone, without an error.
  return options.some(({ defname }) => defname === "tablespace")
    ? rule("repeat", "ALTER DATABASE SET TABLESPACE")
    : undefined;
}

function ruleForSubscription({ node }: Statement): AloneRule | undefined {
  const create = as(node, "CreateSubscriptionStmt");
  if (create) {
    const connects = isOptionOn(create.options, "connect", true);
    return isOptionOn(create.options, "create_slot", connects)
      ? rule("journal", "CREATE SUBSCRIPTION with a replication slot")
      : undefined;
  }
  const drop = as(node, "DropSubscriptionStmt");
  if (drop) return rule(drop.missing_ok ? "repeat" : "journal", "DROP SUBSCRIPTION");
  const alter = as(node, "AlterSubscriptionStmt");
  switch (alter?.kind) {
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
function newEnumValue({ node }: Statement): string | undefined {
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
