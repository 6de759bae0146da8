/** The test databases of a server, recognised by their marks. */
import type { Session } from "../db/session.ts";
import selectDatabases from "./databases.sql";
import type { Marker } from "./marker.ts";
import { readMarker } from "./marker.ts";

export interface MarkedDatabase extends Marker {
  readonly name: string;
  readonly owner: string;
  /** Clients connected to it. */
  readonly sessions: number;
  /** Null where it was not asked for, or this role may not ask. */
  readonly bytes: number | null;
}

type Found = Pick<MarkedDatabase, "name" | "owner" | "sessions" | "bytes"> & {
  readonly comment: string | null;
};

/** Every database of this server that carries our mark, by name. */
export async function listMarked(session: Session, withSize = false): Promise<MarkedDatabase[]> {
  return select(session, "", withSize);
}

/** The one of this name, or undefined when there is none or it is not marked. */
export async function findMarked(
  session: Session,
  name: string,
): Promise<MarkedDatabase | undefined> {
  const [found] = await select(session, name, false);
  return found;
}

async function select(session: Session, name: string, withSize: boolean) {
  const rows = await session.query<Found>(selectDatabases, [name, withSize]);
  return rows.flatMap(({ comment, ...found }): MarkedDatabase[] => {
    const marker = readMarker(found.name, comment);
    return marker === undefined ? [] : [{ ...found, ...marker }];
  });
}

/** The server's clock, in milliseconds since 1970: leases are judged by it alone. */
export async function readClock(session: Session): Promise<number> {
  const { now } = await session.one<{ now: number }>(
    "select (extract(epoch from clock_timestamp()) * 1000)::float8 as now",
  );
  return now;
}
