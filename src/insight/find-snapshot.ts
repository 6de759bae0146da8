/** Which snapshot is meant, in files and in the table alike. */
import { resolve } from "node:path";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { parseAge } from "./age.ts";
import { listSnapshotFiles, readSnapshotFile } from "./snapshot-file.ts";
import type { Snapshot } from "./snapshot.ts";
import { listStoredSnapshots, readStoredSnapshot } from "./snapshot-table.ts";

/** Where snapshots of the session's database are. */
export interface SnapshotPlace {
  readonly directory: string;
  readonly workingDirectory: string;
}

export interface KnownSnapshot {
  /** UTC, ISO 8601 with milliseconds: sorts as a text. */
  readonly takenAt: string;
  /** A path, or `table:12`. */
  readonly name: string;
  read(): Promise<Snapshot>;
}

/** All of them, the oldest first. */
export async function listSnapshots(
  session: Session,
  { directory }: SnapshotPlace,
): Promise<KnownSnapshot[]> {
  const files = await listSnapshotFiles(directory, session.server.database);
  const stored = await listStoredSnapshots(session);
  return [
    ...files.map(({ takenAt, path }) => ({
      takenAt,
      name: path,
      read: () => readSnapshotFile(path, path),
    })),
    ...stored.map(({ takenAt, id }) => ({
      takenAt,
      name: `table:${id}`,
      read: () => readStoredSnapshot(session, id),
    })),
  ].toSorted((a, b) => (a.takenAt < b.takenAt ? -1 : a.takenAt > b.takenAt ? 1 : 0));
}

/**
 * The snapshot that is meant: a file, `table:12`, `last`, or the newest one that is as old as `2h`, `3d`
 * or a time in UTC.
 *
 * @throws PgwrightError `snapshot-unusable`.
 */
export async function findSnapshot(
  session: Session,
  point: string,
  place: SnapshotPlace,
  now: Date,
): Promise<Snapshot> {
  const [, id] = /^table:([0-9]{1,18})$/.exec(point) ?? [];
  if (id !== undefined) return await readStoredSnapshot(session, id);
  const latest = point === "last" ? "9999" : latestOf(point, now);
  if (latest === undefined) {
    return await readSnapshotFile(resolve(place.workingDirectory, point), point);
  }
  const known = await listSnapshots(session, place);
  const found = known.findLast(({ takenAt }) => takenAt <= latest);
  if (found !== undefined) return await found.read();
  const [first] = known;
  throw new PgwrightError(
    "snapshot-unusable",
    first === undefined
      ? `there is no snapshot of the database \`${session.server.database}\`, neither in ${place.directory} nor in pgwright.query_snapshots`
      : `none of the ${known.length} snapshots is as old as ${point}: the first was taken at ${first.takenAt}`,
    { hint: "`pgwright slow-queries snapshot` takes one" },
  );
}

/** The time that an age or a time means; undefined for what is neither. */
function latestOf(point: string, now: Date): string | undefined {
  const age = parseAge(point);
  if (age !== undefined) return new Date(now.getTime() - age).toISOString();
  const [, day, time = "00:00"] =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?))?Z?$/.exec(
      point,
    ) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
