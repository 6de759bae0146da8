/** `pgwright.matview_log`: what is known of earlier refreshes, in the database itself. */
import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { hasSqlState } from "../../db/session.ts";
import type { Fingerprint } from "./catalog.ts";
import createLog from "./create-log.sql";
import selectHistory from "./history.sql";
import selectPlace from "./log-place.sql";

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

interface LogPlace {
  readonly hasSchema: boolean;
  readonly hasTable: boolean;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly owner: string;
  /** The migrations role exists. */
  readonly hasRole: boolean;
}

export interface Histories {
  readonly byOid: ReadonlyMap<string, History>;
  /** Why nothing is known although there is a log. */
  readonly trouble: string | null;
}

/** What the log knows; a role without the right to read it gets none and is told. */
export async function readHistories(session: Session): Promise<Histories> {
  const place = await session.one<LogPlace>(selectPlace, [null]);
  if (!place.hasTable) return { byOid: new Map(), trouble: null };
  if (!place.canRead) {
    const trouble =
      `role \`${session.server.role}\` may not read pgwright.matview_log, so ages and durations are unknown; ` +
      `as ${place.owner}: ${grants(place, session.server.role, "SELECT")}`;
    return { byOid: new Map(), trouble };
  }
  const rows = await session.query<History>(selectHistory);
  return { byOid: new Map(rows.map((row) => [row.oid, row])), trouble: null };
}

function grants({ owner }: LogPlace, role: string, rights: string): string {
  return owner === ""
    ? ""
    : `GRANT USAGE ON SCHEMA pgwright TO ${ident(role)}; GRANT ${rights} ON pgwright.matview_log TO ${ident(role)}`;
}

/**
 * Makes the log where it is missing, and lets that role's
 * members write to it.
 *
 * @returns why refreshes cannot be recorded, with what to type; undefined where they can.
 */
export async function prepareLog(
  session: Session,
  role: string | undefined,
): Promise<string | undefined> {
  const place = await session.one<LogPlace>(selectPlace, [role ?? null]);
  const { database, role: own } = session.server;
  if (place.hasTable) {
    return place.canWrite
      ? undefined
      : `refreshes are not recorded: role \`${own}\` may not write pgwright.matview_log; as ${place.owner}: ${grants(place, own, "SELECT, INSERT, UPDATE, DELETE")}`;
  }
  try {
    await session.script(
      [
        "begin",
        // The same one at the same moment: IF NOT EXISTS does not wait for another session's.
        "do 'begin perform pg_advisory_xact_lock(hashtext(''pgwright.matview_log'')); end'",
        ...(place.hasSchema ? [] : ["create schema if not exists pgwright"]),
        createLog,
        // Whoever refreshes next may be another member of the role that owns what migrations make.
        ...(place.hasRole && role !== undefined
          ? [
              `grant usage on schema pgwright to ${ident(role)}`,
              `grant select, insert, update, delete on pgwright.matview_log to ${ident(role)}`,
            ]
          : []),
        "commit",
      ].join(";\n"),
    );
    return undefined;
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (!hasSqlState(error, "42501")) throw error;
    return `refreshes are not recorded: role \`${own}\` may not create pgwright.matview_log; a superuser can run: GRANT CREATE ON DATABASE ${ident(database)} TO ${ident(own)}${place.hasSchema ? `; GRANT USAGE, CREATE ON SCHEMA pgwright TO ${ident(own)}` : ""}`;
  }
}
