/** The server that test databases are made on. */
import { refuseWhenProtected } from "../database/protection.ts";
import { isMissingDatabase } from "../database/target.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { namingServerErrors } from "../migrate/server-error.ts";

export interface TestServer {
  /** Opens a database of it; without a name the one that its URL names. */
  open(need: {
    readonly writes: boolean;
    readonly direct: true;
    readonly database?: string;
  }): Promise<Session>;
  /** Connection string of one of its databases, password included. */
  urlOf(database: string): string;
  /** The environment of pgwright.yaml it belongs to says `protected: true`. */
  readonly protectedBy: string | undefined;
}

// A role's own limits are meant for applications: a copy may take longer than a query should, and a
// session waits while a template is built.
const patience = `set statement_timeout = 0;
set lock_timeout = 0;
set idle_session_timeout = 0`;

/** The database from which others are made and dropped. @throws PgwrightError `pooler-refused`. */
export async function openMaintenance(server: TestServer): Promise<Session> {
  const session = await openAny(server);
  if (!session.server.isPooled) {
    await session.script(patience);
    return session;
  }
  await session[Symbol.asyncDispose]();
  throw new PgwrightError(
    "pooler-refused",
    "test databases need a direct connection: a transaction pooler stands between",
    { hint: "name the server itself, with `--url` or TEST_DATABASE_URL" },
  );
}

/** Does `work` there; an error of the server that nobody expected becomes `sql-failed`. */
export async function withMaintenance<T>(
  server: TestServer,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return namingServerErrors(async () => {
    await using session = await openMaintenance(server);
    return await work(session);
  });
}

async function openAny(server: TestServer): Promise<Session> {
  try {
    return await server.open({ writes: true, direct: true, database: "postgres" });
  } catch (error) {
    if (!isMissingDatabase(error)) throw error;
    return server.open({ writes: true, direct: true, database: "template1" });
  }
}

/**
 * A URL that names a database under protection was hardly meant for tests, though they would not
 * touch that database itself.
 *
 * @throws PgwrightError `database-protected`.
 */
export async function refuseProtectedServer(server: TestServer): Promise<void> {
  const { protectedBy } = server;
  if (protectedBy !== undefined) {
    throw new PgwrightError(
      "database-protected",
      "refusing to make test databases on the server of a protected database",
      {
        notes: [`environment \`${protectedBy}\` of pgwright.yaml says \`protected: true\``],
        hint: "name another server, with `--url` or TEST_DATABASE_URL",
      },
    );
  }
  try {
    await using session = await server.open({ writes: false, direct: true });
    await refuseWhenProtected(session, "make test databases on its server");
  } catch (error) {
    // A URL for tests may name a database that was never made.
    if (!isMissingDatabase(error)) throw error;
  }
}
