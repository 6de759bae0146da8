/** In which tablespaces things lie: the server's affair and no part of a schema, but told where it differs. */
import type { Session } from "../db/session.ts";
import readPlacesSql from "./places.sql";

interface Place {
  readonly object: string;
  /** A tablespace. */
  readonly place: string;
  /** It is the database's own, which nobody has named. */
  readonly isUsual: boolean;
}

export type Places = ReadonlyMap<string, Place>;

/** What lies in another tablespace on the other side; no difference of the schemas. */
export interface LiesElsewhere {
  readonly object: string;
  /** Names of tablespaces. */
  readonly from: string;
  readonly to: string;
}

export async function readPlaces(session: Session): Promise<Places> {
  const rows = await session.query<Place>(readPlacesSql);
  return new Map(rows.map((row) => [row.object, row]));
}

/** Undefined for what says nothing of it: a dump that names no tablespace. */
export function placesOfDump(places: Places): Places | undefined {
  return [...places.values()].every(({ isUsual }) => isUsual) ? undefined : places;
}

/** Of what is there on both sides. */
export function comparePlaces(from: Places | undefined, to: Places | undefined): LiesElsewhere[] {
  if (!from || !to) return [];
  const found: LiesElsewhere[] = [];
  for (const was of from.values()) {
    const is = to.get(was.object);
    if (!is || (was.isUsual && is.isUsual) || was.place === is.place) continue;
    found.push({ object: was.object, from: was.place, to: is.place });
  }
  return found.toSorted((a, b) => (a.object < b.object ? -1 : 1));
}
