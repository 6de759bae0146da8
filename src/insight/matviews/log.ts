/** `pgwright.matview_log`: what is known of earlier refreshes, in the database itself. */
import type { Session } from "../../db/session.ts";
import { findOwnTable, grantsOn, makeOwnTable } from "../own-table.ts";
import type { Fingerprint } from "./catalog.ts";
import createLog from "./create-log.sql";
import selectHistory from "./history.sql";

const logName = "matview_log";

/** The last refresh of one view that succeeded. */
export interface History {
  readonly oid: string;
  /** When it began, ISO 8601. */
  readonly refreshedAt: string;
  /** Null where it read another materialized view of unknown age. */
  readonly dataAsOf: string | null;
  /** Seconds since `dataAsOf`. */
  readonly age: number | null;
  readonly isConcurrent: boolean;
  readonly rows: number | null;
  readonly added: number | null;
  readonly removed: number | null;
  readonly sources: Fingerprint | null;
  /** Milliseconds of the last five, the newest first. */
  readonly durations: readonly number[];
  /** A later attempt that failed. */
  readonly failure: {
    readonly at: string;
    readonly sqlstate: string | null;
    readonly message: string;
  } | null;
}

export interface Histories {
  readonly byOid: ReadonlyMap<string, History>;
  /** Why nothing is known although there is a log. */
  readonly trouble: string | null;
}

/** What the log knows; a role without the right to read it gets none and is told. */
export async function readHistories(session: Session): Promise<Histories> {
  const place = await findOwnTable(session, logName, undefined);
  if (!place.hasTable) return { byOid: new Map(), trouble: null };
  if (!place.canRead) {
    const { role } = session.server;
    const trouble =
      `role \`${role}\` may not read pgwright.matview_log, so ages and durations are unknown; ` +
      grantsOn(place, role, "SELECT");
    return { byOid: new Map(), trouble };
  }
  const rows = await session.query<History>(selectHistory);
  return { byOid: new Map(rows.map((row) => [row.oid, row])), trouble: null };
}

/**
 * Makes the log where it is missing, and lets that role's members write to it.
 *
 * @returns why refreshes cannot be recorded, with what to type; undefined where they can.
 */
export async function prepareLog(
  session: Session,
  role: string | undefined,
): Promise<string | undefined> {
  const place = await findOwnTable(session, logName, role);
  const { role: own } = session.server;
  if (place.hasTable) {
    return place.canWrite
      ? undefined
      : `refreshes are not recorded: role \`${own}\` may not write pgwright.matview_log; ${grantsOn(place, own, "SELECT, INSERT, UPDATE, DELETE")}`;
  }
  const grants = await makeOwnTable(session, place, createLog, role);
  return grants === undefined
    ? undefined
    : `refreshes are not recorded: role \`${own}\` may not create pgwright.matview_log; a superuser can run: ${grants}`;
}
