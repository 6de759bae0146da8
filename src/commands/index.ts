/** The explicit list of commands, in the order of the help. One file each; the path is the command. */
import type { CommandDefinition } from "../cli/command.ts";
import { anonymizeCheck } from "./anonymize/check.ts";
import { anonymizeInit } from "./anonymize/init.ts";
import { anonymizePreview } from "./anonymize/preview.ts";
import { anonymizeRun } from "./anonymize/run.ts";
import { anonymizeVerify } from "./anonymize/verify.ts";
import { auditLog } from "./audit/log.ts";
import { auditUndo } from "./audit/undo.ts";
import { baseline } from "./baseline.ts";
import { completion } from "./completion.ts";
import { configShow } from "./config/show.ts";
import { dbCreate } from "./db/create.ts";
import { dbDrop } from "./db/drop.ts";
import { dbProtect } from "./db/protect.ts";
import { dbPsql } from "./db/psql.ts";
import { dbReset } from "./db/reset.ts";
import { dbUnprotect } from "./db/unprotect.ts";
import { dbUrl } from "./db/url.ts";
import { diff } from "./diff.ts";
import { docsBuild } from "./docs/build.ts";
import { doctor } from "./doctor.ts";
import { drift } from "./drift.ts";
import { dump } from "./dump.ts";
import { explain } from "./explain.ts";
import { indexesList } from "./indexes/list.ts";
import { indexesRepair } from "./indexes/repair.ts";
import { init } from "./init.ts";
import { lint } from "./lint.ts";
import { matviewsCheck } from "./matviews/check.ts";
import { matviewsList } from "./matviews/list.ts";
import { matviewsRefresh } from "./matviews/refresh.ts";
import { migrate } from "./migrate.ts";
import { newMigration } from "./new.ts";
import { partitionsList } from "./partitions/list.ts";
import { partitionsMaintain } from "./partitions/maintain.ts";
import { piiScan } from "./pii-scan.ts";
import { policiesApply } from "./policies/apply.ts";
import { policiesCheck } from "./policies/check.ts";
import { policiesPlan } from "./policies/plan.ts";
import { policiesTest } from "./policies/test.ts";
import { redo } from "./redo.ts";
import { renumber } from "./renumber.ts";
import { repairApplied } from "./repair/applied.ts";
import { repairChecksum } from "./repair/checksum.ts";
import { repairReverted } from "./repair/reverted.ts";
import { rollback } from "./rollback.ts";
import { seed } from "./seed.ts";
import { serverStart } from "./server/start.ts";
import { serverStatus } from "./server/status.ts";
import { serverStop } from "./server/stop.ts";
import { serverUrl } from "./server/url.ts";
import { setup } from "./setup.ts";
import { slowQueriesSnapshot } from "./slow-queries/snapshot.ts";
import { slowQueries } from "./slow-queries.ts";
import { status } from "./status.ts";
import { test } from "./test.ts";
import { testdbCreate } from "./testdb/create.ts";
import { testdbDrop } from "./testdb/drop.ts";
import { testdbList } from "./testdb/list.ts";
import { testdbPrune } from "./testdb/prune.ts";
import { types } from "./types.ts";
import { validate } from "./validate.ts";

export const groups = ["Project", "Migrations", "Policies", "Data", "Insight"] as const;

export const commands: Readonly<Record<(typeof groups)[number], readonly CommandDefinition[]>> = {
  Project: [
    init,
    setup,
    doctor,
    configShow,
    serverStart,
    serverStop,
    serverStatus,
    serverUrl,
    dbCreate,
    dbDrop,
    dbReset,
    dbUrl,
    dbPsql,
    dbProtect,
    dbUnprotect,
    completion,
  ],
  Migrations: [
    newMigration,
    renumber,
    status,
    migrate,
    rollback,
    redo,
    validate,
    test,
    lint,
    baseline,
    dump,
    diff,
    drift,
    repairChecksum,
    repairApplied,
    repairReverted,
  ],
  Policies: [
    policiesPlan,
    policiesApply,
    policiesCheck,
    policiesTest,
    partitionsList,
    partitionsMaintain,
    auditLog,
    auditUndo,
    indexesList,
    indexesRepair,
  ],
  Data: [
    seed,
    testdbCreate,
    testdbList,
    testdbDrop,
    testdbPrune,
    piiScan,
    anonymizeInit,
    anonymizeCheck,
    anonymizePreview,
    anonymizeRun,
    anonymizeVerify,
  ],
  Insight: [
    slowQueries,
    slowQueriesSnapshot,
    explain,
    docsBuild,
    types,
    matviewsList,
    matviewsRefresh,
    matviewsCheck,
  ],
};
