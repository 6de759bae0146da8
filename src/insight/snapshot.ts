/** The counters of one moment, and the plans of the queries that take most time. */
import { loadParser } from "../db/script.ts";
import { look } from "./look.ts";
import type { Session } from "../db/session.ts";
import { readContext } from "./judge.ts";
import { planAll } from "./planner.ts";
import { type PlanShape, shapeOf } from "./plan-shape.ts";
import { type Entry, openStatistics, readAllEntries, readInfo, readTotals } from "./statistics.ts";
import { maskText, ownMark } from "./text.ts";

export interface SnapshotHead {
  readonly format: "pgwright slow-queries 1";
  /** By the server's clock, UTC. */
  readonly takenAt: string;
  readonly database: string;
  /** Null where the role may not ask. */
  readonly systemIdentifier: string | null;
  readonly host: string;
  /** 18. */
  readonly majorVersion: number;
  readonly startedAt: string;
  readonly extensionVersion: string;
  /** When all counters began. */
  readonly since: string | null;
  readonly evictions: number | null;
  /** Entries of other roles that the role could not see; absent in files of before it was written. */
  readonly hidden?: number;
  readonly entries: number;
}

/** An entry, with the shape of its plan where it was planned. */
export interface KeptEntry extends Entry {
  readonly plan?: PlanShape;
}

export interface Snapshot extends SnapshotHead {
  readonly statements: readonly KeptEntry[];
}

export const snapshotFormat = "pgwright slow-queries 1";

/** An entry is one of role, level and id. */
export function keyOf({ roleId, isTopLevel, queryId }: Entry): string {
  return `${roleId} ${isTopLevel} ${queryId}`;
}

/** Which queries a snapshot plans: so many of those with most time, and those with these keys. */
export interface PlansWanted {
  readonly top: number;
  readonly keys?: ReadonlySet<string>;
}

/** The counters of the connected database as they are now. Texts are masked. */
export async function takeSnapshot(
  session: Session,
  wanted: PlansWanted = { top: 0 },
): Promise<Snapshot> {
  await loadParser();
  const { statements, ...head } = await look(session, async () => {
    const source = await openStatistics(session);
    const info = await readInfo(session, source);
    const { hidden } = await readTotals(session, source, { database: session.server.database });
    const entries = await readAllEntries(session, source);
    const { now } = await session.one<{ now: string }>(
      `select ${ownMark} to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
    );
    const { server } = session;
    return {
      format: snapshotFormat,
      takenAt: now,
      database: server.database,
      systemIdentifier: source.systemIdentifier,
      host: `${server.host}:${server.port}`,
      majorVersion: Math.floor(server.versionNumber / 10_000),
      startedAt: source.startedAt,
      extensionVersion: source.version,
      ...info,
      hidden,
      entries: entries.length,
      statements: entries,
    } as const;
  });
  const plans = await planShapes(session, statements, wanted);
  // Not inside of the transaction: thousands of texts take a while, and it would stand idle.
  const kept = statements.map((entry) => {
    const plan = plans.get(entry);
    return { ...entry, text: maskText(entry.text), ...(plan === undefined ? {} : { plan }) };
  });
  return { ...head, statements: kept };
}

async function planShapes(
  session: Session,
  entries: readonly Entry[],
  { top, keys }: PlansWanted,
): Promise<Map<Entry, PlanShape>> {
  const chosen = entries
    .toSorted((a, b) => b.totalMs - a.totalMs)
    .filter((entry, i) => i < top || keys?.has(keyOf(entry)) === true);
  if (chosen.length === 0) return new Map();
  const planned = await planAll(session, chosen);
  const { tables } = await readContext(
    session,
    planned.map(({ plan }) => plan),
  );
  return new Map(
    chosen.flatMap((entry, i) => {
      const one = planned[i];
      return one?.plan
        ? [[entry, { lines: shapeOf(one.plan, tables), asRole: one.asRole }] as const]
        : [];
    }),
  );
}
