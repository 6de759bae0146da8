/** Dropping what dead runs have left: test databases and templates whose lease has expired. */
import { ident } from "../db/identifier.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import { listMarked, readClock } from "./inventory.ts";
import { dropExpired } from "./lease.ts";
import { type TestServer, withMaintenance } from "./server.ts";

export interface PruneResult {
  /** In a dry run, what would be. */
  readonly dropped: readonly string[];
  /** Expired, and left: somebody is connected to it, or this role may not drop it. */
  readonly left: readonly string[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

export interface PruneOptions {
  readonly dryRun: boolean;
  readonly events: EventListener;
  /** A run to leave alone, whatever its lease says: the one that asks. */
  readonly except?: string;
}

/** Drops every test database of the server whose lease has expired and that nobody uses. */
export async function pruneTestDatabases(
  server: TestServer,
  options: PruneOptions,
): Promise<PruneResult> {
  return withMaintenance(server, (session) => pruneOn(session, options));
}

/** The same on a session in the maintenance database. */
export async function pruneOn(
  session: Session,
  { dryRun, events, except }: PruneOptions,
): Promise<PruneResult> {
  const now = await readClock(session);
  const expired = (await listMarked(session)).filter(
    ({ expiresAt, run }) => expiresAt <= now && run !== except,
  );
  const dropped: string[] = [];
  const left: string[] = [];
  for (const { name, sessions } of expired) {
    const isDropped = dryRun ? sessions === 0 : await tryDrop(session, name, events);
    (isDropped ? dropped : left).push(name);
  }
  if (!dryRun) return { dropped, left };
  return { dropped, left, sql: dropped.map((name) => `DROP DATABASE ${ident(name)};\n`).join("") };
}

async function tryDrop(session: Session, name: string, events: EventListener): Promise<boolean> {
  try {
    return await dropExpired(session, name);
  } catch (error) {
    // Those of another role are its own matter, and no reason to leave the rest.
    if (!isPostgresError(error)) throw error;
    events({ type: "notice", level: "warning", message: `${name} is left: ${error.message}` });
    return false;
  }
}
