/** The explicit list of checks, in the order in which they are run and shown. */
import type { Check } from "../check.ts";
import { archiving } from "./archiving.ts";
import { collations } from "./collations.ts";
import { connections } from "./connections.ts";
import { constraints } from "./constraints.ts";
import { corruption } from "./corruption.ts";
import { deadRows } from "./dead-rows.ts";
import { encryption } from "./encryption.ts";
import { engine } from "./engine.ts";
import { extensions } from "./extensions.ts";
import { invalidIndexes } from "./invalid-indexes.ts";
import { lockTable } from "./lock-table.ts";
import { logSecrets } from "./log-secrets.ts";
import { partitions } from "./partitions.ts";
import { pooler } from "./pooler.ts";
import { preparedTransactions } from "./prepared-transactions.ts";
import { queryStatistics } from "./query-statistics.ts";
import { replication } from "./replication.ts";
import { rights } from "./rights.ts";
import { rowSecurity } from "./row-security.ts";
import { rowSecurityRoles } from "./row-security-roles.ts";
import { rowSecurityViews } from "./row-security-views.ts";
import { runningOut } from "./running-out.ts";
import { schemaPrivileges } from "./schema-privileges.ts";
import { settings } from "./settings.ts";
import { slots } from "./slots.ts";
import { standby } from "./standby.ts";
import { transactions } from "./transactions.ts";
import { version } from "./version.ts";
import { wraparound } from "./wraparound.ts";

export const checks: readonly Check[] = [
  // the server
  version,
  engine,
  standby,
  pooler,
  encryption,
  settings,
  logSecrets,
  connections,
  // who may do what
  rights,
  schemaPrivileges,
  rowSecurity,
  rowSecurityRoles,
  rowSecurityViews,
  // what is built
  extensions,
  queryStatistics,
  invalidIndexes,
  constraints,
  partitions,
  collations,
  lockTable,
  // what goes on
  transactions,
  preparedTransactions,
  deadRows,
  // what is running out or breaking
  runningOut,
  wraparound,
  replication,
  slots,
  archiving,
  corruption,
];
