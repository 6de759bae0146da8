/**
 * The one error type of pgwright and the catalogue of everything that can go wrong.
 *
 * A problem *had* (the command could not do its work) is a PgwrightError; a problem *found*
 * (the command worked and reports it) is a Finding.
 */

/** A place in a file, 1-based; columns count characters, not bytes. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Exit codes: 2 usage or configuration, nothing attempted; 3 could not connect or get a lock,
 * nothing committed, safe to retry; 4 failed or refused; 130 interrupted.
 */
export type ErrorExit = 2 | 3 | 4 | 130;

interface CatalogueEntry {
  readonly exit: ErrorExit;
  readonly summary: string;
}

/** Every code a PgwrightError can carry. `docs/errors.md` is generated from this list. */
export const errorCatalogue = {
  // usage and configuration: nothing was attempted
  usage: { exit: 2, summary: "the command line is not valid" },
  "config-invalid": { exit: 2, summary: "pgwright.yaml or .env has mistakes" },
  "config-not-found": { exit: 2, summary: "the named configuration file does not exist" },
  "environment-unknown": { exit: 2, summary: "pgwright.yaml has no environment of that name" },
  "no-database": { exit: 2, summary: "nothing says which database to use" },
  "database-ambiguous": { exit: 2, summary: "two settings name different databases" },
  "variable-unresolved": {
    exit: 2,
    summary: "an environment variable that names the database is empty or missing",
  },
  "connection-invalid": { exit: 2, summary: "the connection string or a libpq setting is wrong" },
  "confirmation-needed": {
    exit: 2,
    summary: "the command needs an explicit confirmation and there is no terminal to ask on",
  },
  "file-exists": { exit: 2, summary: "a file that would be written exists already" },
  "migrations-unreadable": {
    exit: 2,
    summary: "the migrations directory or a file in it cannot be read",
  },
  "sql-not-found": { exit: 2, summary: "a directory that was named has no SQL file to judge" },
  "plan-unreadable": { exit: 2, summary: "a file is no plan of migrations" },
  "policies-unreadable": { exit: 2, summary: "a file of the policies directory cannot be read" },
  "masking-key": { exit: 2, summary: "the key to mask with is missing or no good" },
  "masking-rules": { exit: 2, summary: "the rules of masking are missing or cannot be read" },
  "seeds-unreadable": { exit: 2, summary: "a file of the seeds directory cannot be read" },
  "git-failed": { exit: 2, summary: "git could not say what the files were at the base" },
  "program-missing": { exit: 2, summary: "a program that is needed is not installed" },
  "embedded-missing": { exit: 2, summary: "the embedded server's binaries are not installed" },
  // connection and locks: nothing was committed
  "connection-failed": { exit: 3, summary: "the server could not be reached" },
  "authentication-failed": { exit: 3, summary: "the server refused this role or password" },
  "database-missing": { exit: 3, summary: "the server has no such database" },
  "tls-failed": { exit: 3, summary: "the TLS connection could not be made or verified" },
  "server-standby": {
    exit: 3,
    summary: "the server takes no writes: a standby, or read-only by default",
  },
  "server-unsupported": { exit: 3, summary: "the server's version is not supported" },
  "embedded-failed": { exit: 3, summary: "the embedded server did not start" },
  "database-busy": { exit: 3, summary: "other sessions use the database" },
  "migration-lock": { exit: 3, summary: "another process holds the migration lock" },
  "testdb-busy": { exit: 3, summary: "another process builds the template of test databases" },
  "lock-timeout": { exit: 3, summary: "a table lock could not be had within the budget" },
  // failed or refused
  "connection-lost": { exit: 4, summary: "the connection broke in the middle" },
  "sql-failed": { exit: 4, summary: "PostgreSQL refused a statement" },
  "migration-code": { exit: 4, summary: "a migration written in code could not be run" },
  "migrations-invalid": { exit: 4, summary: "a migration file has mistakes; nothing was run" },
  "version-unknown": { exit: 4, summary: "there is no migration with that version" },
  "checksum-mismatch": { exit: 4, summary: "an applied migration's file has changed" },
  "file-missing": { exit: 4, summary: "an applied migration's file is gone" },
  "migration-late": { exit: 4, summary: "a pending migration comes before an applied one" },
  "plan-edited": { exit: 4, summary: "a plan is not the one that was made or reviewed" },
  "plan-stale": { exit: 4, summary: "files or database have changed since a plan was made" },
  "renumber-refused": { exit: 4, summary: "a file that would be renumbered is applied already" },
  "database-ahead": {
    exit: 4,
    summary: "a newer release applied a change that may break this one",
  },
  "journal-open": {
    exit: 4,
    summary: "an interrupted migration cannot be taken up again by itself",
  },
  "backfill-refused": { exit: 4, summary: "a statement cannot be run in batches" },
  "journal-changed": { exit: 4, summary: "an interrupted migration's file has changed since" },
  "index-invalid": { exit: 4, summary: "a concurrently built index is not valid" },
  "relation-unknown": { exit: 4, summary: "there is no such table, index or schema" },
  irreversible: { exit: 4, summary: "a migration has no way back" },
  "data-loss": { exit: 4, summary: "a rollback would lose rows or values" },
  "keep-failed": { exit: 4, summary: "data could not be kept by a rollback, or not put back" },
  "repair-refused": { exit: 4, summary: "the ledger needs no such repair" },
  "baseline-refused": { exit: 4, summary: "the database cannot be taken over" },
  "baseline-differs": { exit: 4, summary: "the files do not give the database to take over" },
  "diff-refused": { exit: 4, summary: "a schema to compare with could not be made" },
  "ledger-foreign": { exit: 4, summary: "the ledger's table belongs to another tool" },
  "ledger-denied": { exit: 4, summary: "the ledger could not be created" },
  "role-unusable": { exit: 4, summary: "the migrations role cannot be made or assumed" },
  "adopt-refused": { exit: 4, summary: "a table cannot be partitioned as it is" },
  "dump-unsupported": { exit: 4, summary: "the schema holds objects that cannot be dumped" },
  "policies-invalid": { exit: 4, summary: "a policy file has mistakes; nothing was changed" },
  "view-in-the-way": {
    exit: 4,
    summary: "a view cannot follow the new type of a column that it uses",
  },
  "policies-denied": { exit: 4, summary: "a right that the policies' plan needs is missing" },
  "seeds-invalid": { exit: 4, summary: "a seed file has mistakes; nothing was written" },
  "seed-impossible": {
    exit: 4,
    summary: "a table cannot be filled as its schema or a seed file asks",
  },
  "database-protected": { exit: 4, summary: "the database is marked as protected" },
  "pooler-refused": {
    exit: 4,
    summary: "the work needs a direct connection, not a transaction pooler",
  },
  "partitions-refused": {
    exit: 4,
    summary: "rows or partitions cannot be moved, detached or dropped",
  },
  "refresh-refused": { exit: 4, summary: "a materialized view must not be refreshed as it is" },
  "refresh-failed": { exit: 4, summary: "a materialized view could not be refreshed" },
  "audit-log-unusable": { exit: 4, summary: "there is no audit log, or it lacks columns" },
  "undo-refused": { exit: 4, summary: "recorded changes cannot be undone as the rows are now" },
  "testdb-refused": { exit: 4, summary: "a test database cannot be made, or is none" },
  "copy-refused": {
    exit: 4,
    summary: "a database cannot be copied as it is, or not to that target",
  },
  "copy-failed": { exit: 4, summary: "a copy stopped in the middle; the target is incomplete" },
  "masking-refused": {
    exit: 4,
    summary: "the rules of masking do not fit the database; nothing was read or written",
  },
  "verify-refused": { exit: 4, summary: "a copy cannot be held against that source" },
  "in-place-refused": { exit: 4, summary: "a database cannot be masked in place as it is" },
  "in-place-failed": { exit: 4, summary: "masking in place stopped; the error says what was done" },
  "statistics-missing": { exit: 4, summary: "pg_stat_statements cannot be read" },
  "query-unknown": { exit: 4, summary: "pg_stat_statements has no such query" },
  "snapshot-unusable": { exit: 4, summary: "a snapshot of query statistics is missing or damaged" },
  "file-unwritable": { exit: 4, summary: "a file could not be written" },
  internal: { exit: 4, summary: "a bug in pgwright" },
  interrupted: { exit: 130, summary: "interrupted" },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** What else an error may say. */
export interface ErrorDetails {
  /** What to type or change next. */
  readonly hint?: string | undefined;
  /** Where in a file the mistake stands. */
  readonly at?: Location | undefined;
  /** Text of the file `at` points into; the terminal shows the line with a caret under it. */
  readonly source?: string | undefined;
  /** SQLSTATE, where PostgreSQL raised it. */
  readonly sqlstate?: string | undefined;
  /** Further lines, printed one below the other ("applied before it: 2"). */
  readonly notes?: readonly string[] | undefined;
  /** What was done before the failure; becomes part of the JSON output. */
  readonly result?: object | undefined;
  /** Differs from the catalogue's exit when work had been committed before (3 becomes 4). */
  readonly exit?: ErrorExit | undefined;
  readonly cause?: unknown;
}

/** Something pgwright could not do. The message is one sentence that names the object. */
export class PgwrightError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "PgwrightError";
    this.code = code;
    this.details = details;
  }

  get exit(): ErrorExit {
    return this.details.exit ?? errorCatalogue[this.code].exit;
  }
}
