/** What test databases a server has. */
import { listMarked, type MarkedDatabase, readClock } from "./inventory.ts";
import { type TestServer, withMaintenance } from "./server.ts";

export interface ListedDatabase {
  readonly name: string;
  readonly kind: MarkedDatabase["kind"];
  readonly run: string;
  readonly by: string;
  readonly owner: string;
  /** ISO 8601, UTC; null where only its name tells what it is. */
  readonly createdAt: string | null;
  readonly expiresAt: string;
  /** Seconds; negative when it has expired. */
  readonly secondsLeft: number;
  readonly sessions: number;
  readonly bytes: number | null;
  readonly template: string | null;
}

export interface ListResult {
  readonly databases: readonly ListedDatabase[];
}

/** Reads only. */
export async function listTestDatabases(server: TestServer): Promise<ListResult> {
  return withMaintenance(server, async (session) => {
    const now = await readClock(session);
    const marked = await listMarked(session, true);
    return {
      databases: marked.map(({ createdAt, expiresAt, ...rest }) => ({
        ...rest,
        createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
        secondsLeft: Math.round((expiresAt - now) / 1000),
      })),
    };
  });
}
