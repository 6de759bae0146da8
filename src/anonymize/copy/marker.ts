/**
 * The mark of a copy, in the copy itself. It says "incomplete" from before the first table until
 * after the last statement, and what a later run must know to go on.
 */
import { literal } from "../../db/identifier.ts";
import { ownerAloneSql } from "../../db/owner-alone.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { version } from "../../version.ts";
import createMarker from "./create-marker.sql";
import selectPlace from "./marker-place.sql";
import selectMarker from "./marker.sql";
import type { Identity } from "./source.ts";

export interface Marker {
  readonly state: "incomplete" | "complete";
  /** What was being made: only from `rows` on is there anything to go on with. */
  readonly phase: "schema" | "rows" | "objects" | "complete";
  /** Objects made in the phase `objects`. */
  readonly piecesDone: number;
  readonly system: string | null;
  readonly database: string;
  readonly snapshot: string;
  readonly replayed: string | null;
  readonly planHash: string;
  readonly toolVersion: string;
}

/** What a marker says of the source and of the work. */
export interface Mark {
  readonly identity: Identity;
  readonly planHash: string;
}

export async function readMarker(session: Session): Promise<Marker | undefined> {
  const place = await session.one<{ hasMarker: boolean }>(selectPlace);
  if (!place.hasMarker) return undefined;
  const [marker] = await session.query<Marker>(selectMarker);
  return marker;
}

/** Marks an empty database as incomplete, in a transaction of its own. */
export async function writeMarker(session: Session, { identity, planHash }: Mark): Promise<void> {
  const place = await session.one<{ hasSchema: boolean; mayCreate: boolean }>(selectPlace);
  if (!place.hasSchema && !place.mayCreate) {
    throw new PgwrightError(
      "copy-refused",
      `role \`${session.server.role}\` may not create schemas in the target \`${session.server.database}\``,
      { hint: "nothing was written; use the database's owner" },
    );
  }
  const values = [
    identity.system,
    identity.database,
    identity.snapshot,
    identity.replayed,
    planHash,
    version,
  ];
  await session.script(
    [
      "begin",
      ...(place.hasSchema ? [] : ["create schema pgwright"]),
      createMarker,
      ownerAloneSql({
        schema: !place.hasSchema,
        tables: ["pgwright.anonymized_copy", "pgwright.anonymized_part"],
      }),
      "grant usage on schema pgwright to public",
      "grant select on pgwright.anonymized_copy to public",
      `insert into pgwright.anonymized_copy
         (source_system, source_database, source_snapshot, source_replayed, plan_hash, tool_version)
       values (${values.map(literal).join(", ")})`,
      "commit",
    ].join(";\n"),
  );
}

/** SQL for the transaction that ends a phase. */
export function phaseSql(phase: Marker["phase"]): string {
  return `update pgwright.anonymized_copy set phase = ${literal(phase)}, pieces_done = 0`;
}

/** SQL for the transaction that makes an object of the phase `objects`. */
export function pieceSql(done: number): string {
  return `update pgwright.anonymized_copy set pieces_done = ${done}`;
}

/** SQL for the transaction that copies a unit. */
export function partSql(unit: string, rows: number, bytes: number): string {
  return `insert into pgwright.anonymized_part (unit, rows, bytes) values (${literal(unit)}, ${rows}, ${bytes})`;
}

export interface DonePart {
  readonly unit: string;
  readonly rows: number;
  readonly bytes: number;
}

export async function readDoneParts(session: Session): Promise<DonePart[]> {
  return session.query<DonePart>(
    "select unit, rows::float8 as rows, bytes::float8 as bytes from pgwright.anonymized_part",
  );
}

/** The last statement of a copy. No DDL: the copy may have event triggers by now. */
export async function markComplete(session: Session): Promise<void> {
  await session.script(
    `begin;
     delete from pgwright.anonymized_part;
     update pgwright.anonymized_copy
     set state = 'complete', phase = 'complete', finished_at = clock_timestamp();
     commit`,
  );
}

/**
 * Why an unfinished copy cannot be gone on with; undefined when it can: nothing that wrote has
 * begun or ended on the source's server since, so every row is where it was.
 */
export function whyNotResumable(marker: Marker, { identity, planHash }: Mark): string | undefined {
  if (marker.phase === "schema") return "it had not come to the rows";
  if (marker.toolVersion !== version) return `it was begun by pgwright ${marker.toolVersion}`;
  if (marker.system !== identity.system || marker.database !== identity.database) {
    return "it was begun from another source";
  }
  if (marker.planHash !== planHash)
    return "the schema, the masks, the key or the options are others";
  if (identity.system === null) return "this role may not read which server the source is on";
  if (marker.snapshot !== identity.snapshot || marker.replayed !== identity.replayed) {
    return "the source's server has been written to since";
  }
  return undefined;
}
