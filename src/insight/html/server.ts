/** What a page says of the server besides its queries. */
import { look } from "../look.ts";
import type { Session } from "../../db/session.ts";
import readDeadRows from "./dead-rows.sql";
import readIo from "./io.pg16.sql";
import readSessions from "./server.sql";

export interface ServerPart {
  readonly version: string;
  readonly place: string;
  readonly role: string;
  readonly sessions: readonly {
    readonly pid: number;
    readonly role: string;
    readonly state: string;
    readonly wait: string;
    readonly seconds: number;
    readonly blockers: string;
  }[];
  /** Null before PostgreSQL 16. */
  readonly io:
    | readonly {
        readonly kind: string;
        readonly object: string;
        readonly context: string;
        readonly reads: number;
        readonly writes: number;
        readonly hits: number;
      }[]
    | null;
  readonly deadRows: readonly {
    readonly name: string;
    readonly live: number;
    readonly dead: number;
    readonly vacuumedAt: string | null;
    readonly analyzedAt: string | null;
  }[];
}

export function readServer(session: Session): Promise<ServerPart> {
  const { server } = session;
  return look(session, async () => ({
    version: server.version,
    place: `${server.database} on ${server.host}:${server.port}`,
    role: server.role,
    sessions: await session.query<ServerPart["sessions"][number]>(readSessions),
    io:
      server.versionNumber >= 160000
        ? await session.query<NonNullable<ServerPart["io"]>[number]>(readIo)
        : null,
    deadRows: await session.query<ServerPart["deadRows"][number]>(readDeadRows),
  }));
}
