/**
 * The mark that keeps a database from being dropped, reset, seeded or anonymized in place.
 *
 * It stands in the database itself, so that whoever comes with whatever configuration meets it. It
 * names the database and the server it was made for: a restored or renamed copy brings the mark
 * along, still refuses, and can say where it came from.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ident, literal } from "../db/identifier.ts";
import { ownerAloneSql } from "../db/owner-alone.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { shellWord } from "../db/shell-word.ts";
import { PgwrightError } from "../errors.ts";
import createProtection from "./create-protection.sql";
import findPlace from "./protection-place.sql";
import selectProtection from "./protection.sql";
import { describeRefusal } from "./refusal.ts";

/** The mark as it was read. */
export interface Protection {
  /** The database it was made for. */
  readonly markedName: string;
  /** `system_identifier` of the server it was made on; null where that could not be read. */
  readonly markedSystem: string | null;
  readonly reason: string | null;
  readonly protectedBy: string;
  /** ISO 8601, UTC. */
  readonly protectedAt: string;
  /** False on a copy: another name, or another server. */
  readonly isForThisDatabase: boolean;
}

interface Place {
  readonly hasSchema: boolean;
  readonly hasTable: boolean;
  readonly canReadIdentity: boolean;
  readonly database: string;
}

/**
 * The mark of this session's database, or undefined. Takes no lock and creates nothing.
 *
 * @throws PgwrightError `database-protected` when there is a mark that this role may not read:
 * it is taken for what it probably is.
 */
export async function readProtection(session: Session): Promise<Protection | undefined> {
  const place = await session.one<Place>(findPlace);
  if (!place.hasTable) return undefined;
  let mark: Omit<Protection, "isForThisDatabase"> | undefined;
  try {
    [mark] = await session.query<Omit<Protection, "isForThisDatabase">>(selectProtection);
  } catch (error) {
    if (!hasSqlState(error, "42501")) throw error;
    throw new PgwrightError(
      "database-protected",
      `role \`${session.server.role}\` may not read pgwright.protection, where the mark "protected" of \`${place.database}\` would be`,
      {
        cause: error,
        hint: `as its owner: GRANT USAGE ON SCHEMA pgwright TO PUBLIC; GRANT SELECT ON pgwright.protection TO PUBLIC`,
      },
    );
  }
  if (mark === undefined) return undefined;
  const system = await readSystemIdentifier(session, place);
  // Where either side could not read the identity, the name alone decides.
  const isSameServer =
    system === null || mark.markedSystem === null || system === mark.markedSystem;
  return { ...mark, isForThisDatabase: isSameServer && mark.markedName === place.database };
}

/**
 * Stops work that would destroy what a mark protects. `what` completes "refusing to …".
 *
 * @throws PgwrightError `database-protected`.
 */
export async function refuseWhenProtected(
  session: Session,
  what: string,
  { option = "" }: { readonly option?: string } = {},
): Promise<void> {
  const mark = await readProtection(session);
  if (mark !== undefined) throw protectedError(session.server.database, mark, what, option);
}

function protectedError(
  database: string,
  mark: Protection,
  what: string,
  option = "",
): PgwrightError {
  const command = `\`pgwright db unprotect --confirm ${shellWord(database)}${option}\``;
  const since = `by ${mark.protectedBy} on ${mark.protectedAt.slice(0, 10)}`;
  const why = mark.reason === null ? "" : `: ${mark.reason}`;
  return new PgwrightError(
    "database-protected",
    `refusing to ${what}: database \`${database}\` is protected`,
    {
      notes: mark.isForThisDatabase
        ? [`marked ${since}${why}`]
        : [
            `the mark came with the data from another database: it was made ${since} for \`${mark.markedName}\`` +
              (mark.markedName === database ? " on another server" : "") +
              why,
          ],
      hint: mark.isForThisDatabase
        ? `if it must be: ${command}`
        : `if this is only a copy, clear the mark: ${command}`,
    },
  );
}

export interface Protected {
  readonly database: string;
  /** False when it was marked already, and in a dry run. */
  readonly changed: boolean;
  /** Null in a dry run of a database that has none. */
  readonly protection: Protection | null;
  /** What a dry run would execute. */
  readonly sql?: string;
}

/**
 * Marks this session's database. A mark that came with a copy is replaced by one of its own.
 *
 * @throws PgwrightError `sql-failed` when the role may not create schema or table.
 */
export async function protect(
  session: Session,
  reason: string | null,
  options: { readonly dryRun?: boolean } = {},
): Promise<Protected> {
  const before = await readProtection(session);
  const { database } = session.server;
  if (before?.isForThisDatabase && (reason === null || reason === before.reason)) {
    return { database, changed: false, protection: before };
  }
  const place = await session.one<Place>(findPlace);
  const system = await readSystemIdentifier(session, place);
  const insert = `INSERT INTO pgwright.protection (database_name, system_identifier, reason)
VALUES (${[place.database, system, reason].map(literal).join(", ")})
ON CONFLICT (only_row) DO UPDATE SET
  database_name = excluded.database_name, system_identifier = excluded.system_identifier,
  reason = excluded.reason, protected_by = excluded.protected_by,
  protected_at = excluded.protected_at`;
  if (options.dryRun) {
    const sql = `${createPlaceSql(place)}${insert};\n`;
    return { database, changed: false, protection: before ?? null, sql };
  }
  try {
    await createPlace(session);
    await session.query(insert);
  } catch (error) {
    throw describeRefusal(error, `\`${database}\` could not be marked as protected`, {
      hint: `it needs CREATE on the database: GRANT CREATE ON DATABASE ${ident(database)} TO ${ident(session.server.role)}`,
    });
  }
  const protection = await readProtection(session);
  if (protection === undefined) throw new PgwrightError("internal", "the mark is not there");
  return { database, changed: true, protection };
}

export const removeMark = "DELETE FROM pgwright.protection";

/**
 * Removes the mark; returns it, or undefined when there was none.
 *
 * @throws PgwrightError `sql-failed` when the role may not.
 */
export async function unprotect(session: Session): Promise<Protection | undefined> {
  const mark = await readProtection(session);
  if (mark === undefined) return undefined;
  try {
    await session.query(removeMark);
  } catch (error) {
    throw describeRefusal(
      error,
      `the mark on \`${session.server.database}\` could not be removed`,
      {
        hint: "run it as the role that owns pgwright.protection",
      },
    );
  }
  return mark;
}

function createPlaceSql({ hasSchema, hasTable }: Place): string {
  if (hasTable) return "";
  // IF NOT EXISTS would ask for CREATE on the database even where the schema is there.
  return [
    ...(hasSchema ? [] : ["CREATE SCHEMA pgwright"]),
    createProtection.trim().replace(/;$/, ""),
    ownerAloneSql({ schema: !hasSchema, tables: ["pgwright.protection"] }),
    "GRANT USAGE ON SCHEMA pgwright TO PUBLIC",
    "GRANT SELECT ON pgwright.protection TO PUBLIC",
    "",
  ].join(";\n");
}

async function createPlace(session: Session): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const place = await session.one<Place>(findPlace);
    if (place.hasTable) return;
    try {
      await session.script(createPlaceSql(place));
      return;
    } catch (error) {
      // Another session makes them at this moment: 42P06, 42P07, or the catalog's unique index.
      if (attempt > 5 || !hasSqlState(error, "42P06", "42P07", "23505")) throw error;
      await sleep(20);
    }
  }
}

/** The number initdb gave this server; a base backup keeps it, a dump loaded elsewhere does not. */
async function readSystemIdentifier(session: Session, place: Place): Promise<string | null> {
  if (!place.canReadIdentity) return null;
  const { id } = await session.one<{ id: string }>(
    "select system_identifier::text as id from pg_catalog.pg_control_system()",
  );
  return id;
}
