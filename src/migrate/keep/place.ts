/** The place that kept data stand in: the schema `pgwright`, the list in it, and who may use them. */
import { ident } from "../../db/identifier.ts";
import { ownerAloneSql } from "../../db/owner-alone.ts";
import type { Session } from "../../db/session.ts";
import { hasSqlState } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import createKept from "./create-kept.sql";
import findPlace from "./kept-place.sql";

/** What there is, and what the role that migrations run as may do with it. */
export interface Place {
  readonly hasSchema: boolean;
  readonly hasTable: boolean;
  /** The list has all of its columns. */
  readonly isCurrent: boolean;
  /** The connected role may read the list. */
  readonly canRead: boolean;
  readonly canRestore: boolean;
  readonly canKeep: boolean;
  /** Of the list, as SQL. */
  readonly owner: string;
}

export async function readPlace(session: Session, role: string | undefined): Promise<Place> {
  return session.one<Place>(findPlace, [role ?? null]);
}

/** The statements that let a role at kept data, and who runs them: "as postgres: grant …". */
export function grantsOnKept({ owner }: Place, role: string): string {
  const name = ident(role);
  return `as ${owner} or a superuser: grant usage, create on schema pgwright to ${name}; grant select, insert, update, delete on pgwright.kept_data to ${name};`;
}

const upgrade =
  "alter table pgwright.kept_data add column if not exists ledger text, add column if not exists checksum text";

/** SQL that makes the list of kept data, for `role`; nothing where it is there. */
export async function keepPlaceSql(session: Session, role: string | undefined): Promise<string[]> {
  const { hasSchema, hasTable, isCurrent, canKeep } = await readPlace(session, role);
  const grants =
    role === undefined
      ? []
      : [
          `grant usage, create on schema pgwright to ${ident(role)}`,
          `grant select, insert, update, delete on pgwright.kept_data to ${ident(role)}`,
        ];
  return [
    ...(hasSchema ? [] : ["create schema pgwright"]),
    ...(hasTable
      ? []
      : [createKept.trim(), ownerAloneSql({ schema: !hasSchema, tables: ["pgwright.kept_data"] })]),
    ...(hasTable && !isCurrent ? [upgrade] : []),
    // Versions that kept no positions did without DELETE.
    ...(hasTable && canKeep ? [] : grants),
  ];
}

/**
 * Makes that place. It is made before the rollback begins, by the connected role, and stays.
 *
 * @throws PgwrightError `keep-failed` when this role may not.
 */
export async function makeKeepPlace(session: Session, role: string | undefined): Promise<void> {
  const sql = await keepPlaceSql(session, role);
  if (sql.length > 0) {
    try {
      await session.script(`begin;\n${sql.join(";\n")};\ncommit`);
    } catch (error) {
      if (!session.isDead) await session.settle("rollback");
      if (!hasSqlState(error, "42501")) throw error;
      throw await notMade(session, role, error as Error, sql.includes(upgrade));
    }
  }
  const place = await readPlace(session, role);
  if (!place.canKeep) throw denied(session, role, place);
}

async function notMade(
  session: Session,
  role: string | undefined,
  error: Error,
  isUpgrade: boolean,
): Promise<PgwrightError> {
  const { database, role: me } = session.server;
  const place = await readPlace(session, role);
  const hint = isUpgrade
    ? `as ${place.owner} or a superuser: ${upgrade};`
    : place.hasTable
      ? grantsOnKept(place, role ?? me)
      : `have its owner run: grant create on database ${ident(database)} to ${ident(me)}; and, where there is a schema pgwright, grant usage, create on schema pgwright to ${ident(me)}`;
  return new PgwrightError(
    "keep-failed",
    `role \`${me}\` may not create the schema or table that data are kept in: ${error.message}`,
    { cause: error, sqlstate: "42501", notes: ["nothing was rolled back"], hint },
  );
}

function denied(session: Session, role: string | undefined, place: Place): PgwrightError {
  const who = role ?? session.server.role;
  return new PgwrightError(
    "keep-failed",
    `role \`${who}\` may not write to pgwright.kept_data, where it is listed what rollbacks keep`,
    { sqlstate: "42501", notes: ["nothing was rolled back"], hint: grantsOnKept(place, who) },
  );
}

/**
 * The number of the next kept table.
 *
 * @throws PgwrightError `keep-failed` when this role may not read the list.
 */
export async function nextKeptId(session: Session): Promise<number> {
  const place = await readPlace(session, undefined);
  if (!place.hasTable) return 1;
  if (!place.canRead) throw denied(session, undefined, place);
  const { id } = await session.one<{ id: string }>(
    "select coalesce(max(id), 0) + 1 as id from pgwright.kept_data where id > 0",
  );
  return Number(id);
}
