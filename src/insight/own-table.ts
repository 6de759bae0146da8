/** Tables of ours in the schema `pgwright`, made where they are first written to. */
import { ident } from "../db/identifier.ts";
import { ownerAloneSql } from "../db/owner-alone.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import selectPlace from "./own-table.sql";

export interface OwnTable {
  /** Without its schema. */
  readonly name: string;
  readonly hasSchema: boolean;
  readonly hasTable: boolean;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** Quoted; empty where there is no table. */
  readonly owner: string;
  /** The migrations role exists. */
  readonly hasRole: boolean;
}

/** What there is of it; `role` is the one that owns what migrations make. */
export async function findOwnTable(
  session: Session,
  name: string,
  role: string | undefined,
): Promise<OwnTable> {
  const place = await session.one<Omit<OwnTable, "name">>(selectPlace, [role ?? null, name]);
  return { ...place, name };
}

/** The statements that let a role at it, and who runs them: "as postgres: GRANT …". */
export function grantsOn({ name, owner }: OwnTable, role: string, rights: string): string {
  return `as ${owner}: GRANT USAGE ON SCHEMA pgwright TO ${ident(role)}; GRANT ${rights} ON pgwright.${name} TO ${ident(role)}`;
}

/**
 * Makes it, and lets that role's members write to it.
 *
 * @returns what a superuser can run where this role may not; undefined where it is made.
 */
export async function makeOwnTable(
  session: Session,
  { name, hasSchema, hasRole }: OwnTable,
  create: string,
  role: string | undefined,
): Promise<string | undefined> {
  const { database, role: own } = session.server;
  try {
    await session.script(
      [
        "begin",
        // The same one at the same moment: IF NOT EXISTS does not wait for another session's.
        `do 'begin perform pg_advisory_xact_lock(hashtext(''pgwright.${name}'')); end'`,
        ...(hasSchema ? [] : ["create schema if not exists pgwright"]),
        create,
        ownerAloneSql({ schema: !hasSchema, tables: [`pgwright.${name}`] }),
        // Whoever comes next may be another member of the role that owns what migrations make.
        ...(hasRole && role !== undefined
          ? [
              `grant usage on schema pgwright to ${ident(role)}`,
              `grant select, insert, update, delete on pgwright.${name} to ${ident(role)}`,
            ]
          : []),
        "commit",
      ].join(";\n"),
    );
    return undefined;
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (!hasSqlState(error, "42501")) throw error;
    return `GRANT CREATE ON DATABASE ${ident(database)} TO ${ident(own)}${hasSchema ? `; GRANT USAGE, CREATE ON SCHEMA pgwright TO ${ident(own)}` : ""}`;
  }
}
