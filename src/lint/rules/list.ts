/** Every rule, by what is at stake. */
import { allOf, as } from "../../db/tree.ts";
import type { LintRule, Step } from "../rule.ts";
import { addCheck } from "./add-check.ts";
import { addColumnCheck } from "./add-column-check.ts";
import { addColumnDomain } from "./add-column-domain.ts";
import { addColumnNumbered } from "./add-column-numbered.ts";
import { addColumnRequired } from "./add-column-required.ts";
import { addColumnStored } from "./add-column-stored.ts";
import { addColumnUnique } from "./add-column-unique.ts";
import { addColumnVolatile } from "./add-column-volatile.ts";
import { addExclusion } from "./add-exclusion.ts";
import { addForeignKey } from "./add-foreign-key.ts";
import { addIdentity } from "./add-identity.ts";
import { addPrimaryKey } from "./add-primary-key.ts";
import { addUnique } from "./add-unique.ts";
import { alterDomain } from "./alter-domain.ts";
import { attachPartition } from "./attach-partition.ts";
import { autovacuumOff } from "./autovacuum-off.ts";
import { changeColumnType } from "./change-column-type.ts";
import { columnChar } from "./column-char.ts";
import { columnIntegerKey } from "./column-integer-key.ts";
import { columnJson } from "./column-json.ts";
import { columnMoney } from "./column-money.ts";
import { columnSerial } from "./column-serial.ts";
import { columnTimestamp } from "./column-timestamp.ts";
import { concurrentlyInTransaction } from "./concurrently-in-transaction.ts";
import { createIndex } from "./create-index.ts";
import { definerSearchPath } from "./definer-search-path.ts";
import { dependentViews } from "./dependent-views.ts";
import { detachPartition } from "./detach-partition.ts";
import { disableTrigger } from "./disable-trigger.ts";
import { dropCascade } from "./drop-cascade.ts";
import { dropColumn } from "./drop-column.ts";
import { dropConstraint } from "./drop-constraint.ts";
import { dropIdentity } from "./drop-identity.ts";
import { dropIndex } from "./drop-index.ts";
import { dropNotNull } from "./drop-not-null.ts";
import { dropTable } from "./drop-table.ts";
import { duplicateColumn } from "./duplicate-column.ts";
import { enumOrder } from "./enum-order.ts";
import { foreignKeyIndex } from "./foreign-key-index.ts";
import { foreignKeyType } from "./foreign-key-type.ts";
import { grantPublic } from "./grant-public.ts";
import { lockTable } from "./lock-table.ts";
import { lockTimeoutOff } from "./lock-timeout-off.ts";
import { nameTooLong } from "./name-too-long.ts";
import { newerServer } from "./newer-server.ts";
import { noPrimaryKey } from "./no-primary-key.ts";
import { redundantIndex } from "./redundant-index.ts";
import { refreshView } from "./refresh-view.ts";
import { reindex } from "./reindex.ts";
import { rename } from "./rename.ts";
import { replicaIdentity } from "./replica-identity.ts";
import { rewriteTable } from "./rewrite-table.ts";
import { rightsLost } from "./rights-lost.ts";
import { rowSecurity } from "./row-security.ts";
import { setNotNull } from "./set-not-null.ts";
import { truncate } from "./truncate.ts";
import { unfilteredWrite } from "./unfiltered-write.ts";
import { unloggedTable } from "./unlogged-table.ts";
import { vacuumFull } from "./vacuum-full.ts";
import { validateTogether } from "./validate-together.ts";
import { wideIndex } from "./wide-index.ts";
import { workUnderLock } from "./work-under-lock.ts";

export const lintRules: readonly LintRule[] = [
  // blocks others for as long as the table is large
  createIndex,
  addColumnVolatile,
  addColumnNumbered,
  addColumnStored,
  addColumnDomain,
  addColumnUnique,
  addColumnCheck,
  setNotNull,
  changeColumnType,
  addCheck,
  addForeignKey,
  addUnique,
  addPrimaryKey,
  addExclusion,
  alterDomain,
  validateTogether,
  workUnderLock,
  unfilteredWrite,
  attachPartition,
  rewriteTable,
  vacuumFull,
  reindex,
  refreshView,
  // blocks others for a moment, and needs not
  dropIndex,
  detachPartition,
  lockTable,
  lockTimeoutOff,
  // fails
  addColumnRequired,
  addIdentity,
  dependentViews,
  concurrentlyInTransaction,
  newerServer,
  duplicateColumn,
  nameTooLong,
  // breaks programs of the release before, or loses something
  dropTable,
  dropColumn,
  dropConstraint,
  dropCascade,
  truncate,
  rename,
  dropNotNull,
  dropIdentity,
  rightsLost,
  grantPublic,
  rowSecurity,
  disableTrigger,
  replicaIdentity,
  autovacuumOff,
  unloggedTable,
  definerSearchPath,
  // is hard to mend later
  noPrimaryKey,
  foreignKeyIndex,
  foreignKeyType,
  columnIntegerKey,
  columnSerial,
  columnTimestamp,
  columnChar,
  columnJson,
  columnMoney,
  enumOrder,
  redundantIndex,
  wideIndex,
];

/** Shown every statement. */
const always = lintRules.filter(({ kinds, facts }) => kinds === undefined && facts === undefined);

const byTopic = new Map<string, LintRule[]>();
for (const rule of lintRules) {
  for (const topic of [...(rule.kinds ?? []), ...(rule.facts ?? [])]) {
    const rules = byTopic.get(topic);
    if (rules === undefined) byTopic.set(topic, [rule]);
    else rules.push(rule);
  }
}

const known = new Map<string, readonly LintRule[]>();

/** The rules that a statement is shown to, in the order of the list. */
export function rulesFor({ statement, effects }: Pick<Step, "statement" | "effects">) {
  const commands = as(statement.node, "AlterTableStmt")?.cmds;
  // Statements that are alike in this meet the same rules.
  let key = statement.kind;
  for (const { subtype } of allOf(commands, "AlterTableCmd")) key += ` ${subtype}`;
  for (const { fact } of effects) key += ` ${fact}`;
  let rules = known.get(key);
  if (rules === undefined) {
    const topics = key.split(" ");
    const wanted = new Set([...always, ...topics.flatMap((topic) => byTopic.get(topic) ?? [])]);
    rules = lintRules.filter((rule) => wanted.has(rule));
    known.set(key, rules);
  }
  return rules;
}
