/** The public library API. */
export { connect } from "./db/connect.ts";
export { resolveConnection } from "./db/libpq.ts";
export type { ConnectionOptions } from "./db/libpq.ts";
export type { Session } from "./db/session.ts";
export { PgwrightError, errorCatalogue } from "./errors.ts";
export type { ErrorCode, Location } from "./errors.ts";
export type { Event, EventListener } from "./events.ts";
export type { Finding } from "./findings.ts";
export { migrate } from "./migrate/migrate.ts";
export type { MigrateOptions, MigrateResult } from "./migrate/migrate.ts";
export { rollback } from "./migrate/rollback.ts";
export type { RollbackOptions, RollbackResult } from "./migrate/rollback.ts";
export { readStatus } from "./migrate/status.ts";
export type { StatusResult } from "./migrate/status.ts";
export { validateFiles } from "./migrate/validate.ts";
export { version } from "./version.ts";
