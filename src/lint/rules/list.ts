/** Every rule, by what is at stake. */
import type { LintRule } from "../rule.ts";
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
import { addPrimaryKey } from "./add-primary-key.ts";
import { addUnique } from "./add-unique.ts";
import { attachPartition } from "./attach-partition.ts";
import { changeColumnType } from "./change-column-type.ts";
import { createIndex } from "./create-index.ts";
import { detachPartition } from "./detach-partition.ts";
import { dropIndex } from "./drop-index.ts";
import { lockTable } from "./lock-table.ts";
import { refreshView } from "./refresh-view.ts";
import { reindex } from "./reindex.ts";
import { rewriteTable } from "./rewrite-table.ts";
import { setNotNull } from "./set-not-null.ts";
import { vacuumFull } from "./vacuum-full.ts";
import { validateTogether } from "./validate-together.ts";
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
  addColumnRequired,
  setNotNull,
  changeColumnType,
  addCheck,
  addForeignKey,
  addUnique,
  addPrimaryKey,
  addExclusion,
  validateTogether,
  workUnderLock,
  attachPartition,
  rewriteTable,
  vacuumFull,
  reindex,
  refreshView,
  // blocks others for a moment, and needs not
  dropIndex,
  detachPartition,
  lockTable,
];
