/** Leases: until when a test database is held, and by whom it may be ended. */
import { ident, literal } from "../db/identifier.ts";
import { lockKey, releaseSessionLock } from "../db/lock.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { findMarked, type MarkedDatabase, readClock } from "./inventory.ts";
import { formatMarker, type Marker } from "./marker.ts";

/** The statement that marks a database. */
export function markStatement(name: string, marker: Marker): string {
  return `COMMENT ON DATABASE ${ident(name)} IS ${literal(formatMarker(name, marker))}`;
}

/**
 * Gives a database more time, if it is still there and ours: at least `ttlMs` from now. False when
 * it is not, or when somebody else has its lease in hand at this moment.
 */
export async function renewLease(session: Session, name: string, ttlMs: number): Promise<boolean> {
  return withLease(session, name, async (marked, now) => {
    if (marked.expiresAt >= now + ttlMs) return;
    // Written in a database of its own time: the kind and the run stay what they were.
    await session.query(markStatement(name, { ...marked, expiresAt: now + ttlMs }));
  });
}

/**
 * Drops a database whose lease has expired, unless somebody is connected to it. Decided and done
 * under the lock that a renewal takes too, so that it is either renewed or dropped.
 */
export async function dropExpired(session: Session, name: string): Promise<boolean> {
  let isDropped = false;
  await withLease(session, name, async (marked, now) => {
    if (marked.expiresAt > now) return;
    try {
      await session.query(`DROP DATABASE ${ident(name)}`);
      isDropped = true;
    } catch (error) {
      // 55006 somebody is connected, 3D000 it is gone: in neither case there is anything to do.
      if (!hasSqlState(error, "55006", "3D000")) throw error;
    }
  });
  return isDropped;
}

/** False when there is no such database with our mark, or its lock is taken. */
async function withLease(
  session: Session,
  name: string,
  work: (marked: MarkedDatabase, now: number) => Promise<void>,
): Promise<boolean> {
  const key = leaseKey(name);
  const { got } = await session.one<{ got: boolean }>(
    "select pg_try_advisory_lock($1::bigint) as got",
    [key],
  );
  if (!got) return false;
  try {
    const marked = await findMarked(session, name);
    if (marked === undefined) return false;
    await work(marked, await readClock(session));
    return true;
  } finally {
    await releaseSessionLock(session, key);
  }
}

function leaseKey(name: string): string {
  return lockKey(`testdb lease ${name}`);
}
