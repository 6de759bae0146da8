/** The public library API. */
export { connect } from "./db/connect.ts";
export { resolveConnection } from "./db/libpq.ts";
export type { ConnectionOptions } from "./db/libpq.ts";
export type { Session } from "./db/session.ts";
export { PgwrightError, errorCatalogue } from "./errors.ts";
export type { ErrorCode, Location } from "./errors.ts";
export type { Event, EventListener } from "./events.ts";
export type { Finding } from "./findings.ts";
export { migrate, redo, repair, rollback, status } from "./migrate/library.ts";
export type {
  MigrateOptions,
  ProjectOptions,
  RedoOptions,
  RepairOptions,
  RollbackOptions,
} from "./migrate/library.ts";
export type { MigrateResult } from "./migrate/migrate.ts";
export type { RedoResult } from "./migrate/redo.ts";
export type { RepairResult } from "./migrate/repair.ts";
export type { RollbackResult } from "./migrate/rollback.ts";
export type { StatusResult } from "./migrate/status.ts";
export { validateFiles } from "./migrate/validate.ts";
export { version } from "./version.ts";
