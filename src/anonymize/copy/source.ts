/** The database that is copied: its schema, its plan and its rows as of one moment. */
import { createHash } from "node:crypto";
import { ident } from "../../db/identifier.ts";
import { hasSqlState, type Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import { dumpAroundRows, type DumpAroundRows } from "../../schema/around-rows.ts";
import { readCatalogState } from "../../schema/steady.ts";
import { findLedger, type Ledger } from "../ledger.ts";
import type { MaskingPlan } from "../plan.ts";
import listAbsent from "./absent.sql";
import listTexts from "../schema-texts.sql";
import readIdentity from "./identity.sql";
import listExtensions from "./needed-extensions.sql";
import listRoles from "./needed-roles.sql";
import { type Open, openForCopy } from "./open.ts";
import { type CopyTable, readTables } from "./table.ts";

/** Which database a session is on, and how far it has come. */
export interface Identity {
  /** `system_identifier`; null where this role may not read it. */
  readonly system: string | null;
  /** Oid of the database. */
  readonly database: string;
  readonly isStandby: boolean;
  readonly snapshot: string;
  readonly replayed: string | null;
}

export interface NeededRole {
  readonly name: string;
  readonly as: "owner" | "grant" | "policy";
}

/** Texts of the schema that may hold data: they are copied as they are. */
export interface CatalogText {
  readonly kind: TextKind;
  readonly name: string;
}

/** As a report counts them. */
export type TextKind =
  | "comment"
  | "default"
  | "check"
  | "exclusion"
  | "index"
  | "partition key"
  | "partition bound"
  | "policy"
  | "trigger"
  | "rule"
  | "view"
  | "function"
  | "enum"
  | "publication"
  | "statistics object"
  | "dictionary";

/** Those with a literal in them; a comment and the label of an enum are one themselves. */
const selectTexts = `
  select distinct
    case when kind = 'constraint' then case when text like 'EXCLUDE%' then 'exclusion' else 'check' end
      when kind = 'enum label' then 'enum' else kind end as kind,
    case kind when 'enum label' then format('%s (%s labels)', name, count(*) over (partition by kind, name))
      else name end as name
  from (${listTexts}) t
  where "isNamed" and (kind in ('comment', 'enum label') or text ~ '''')
  order by kind, name`;

/** Everything that is known before a row is read. Its session holds the snapshot. */
export interface Source extends AsyncDisposable {
  readonly session: Session;
  readonly identity: Identity;
  /** For SET TRANSACTION SNAPSHOT. */
  readonly snapshotId: string;
  readonly schema: DumpAroundRows;
  readonly plan: MaskingPlan;
  readonly tables: readonly CopyTable[];
  readonly roles: readonly NeededRole[];
  readonly extensions: readonly string[];
  readonly texts: readonly CatalogText[];
  readonly findings: readonly Finding[];
}

export interface SourceRequest {
  readonly open: Open;
  readonly signal?: AbortSignal | undefined;
  readonly ledger: Ledger | undefined;
  readonly omitOwners: boolean;
  readonly omitGrants: boolean;
  planMasking(session: Session): Promise<MaskingPlan>;
}

const mostTries = 3;

/**
 * Reads the schema, makes the plan, locks the tables against changes of their form (ACCESS SHARE, as
 * pg_dump does: nobody who reads or writes rows waits) and takes the snapshot, in this order: a
 * table that is truncated or rewritten between snapshot and lock would look empty. Where the schema
 * has changed meanwhile, all of it again.
 *
 * @throws PgwrightError `dump-unsupported`, `lock-timeout`, `copy-refused`, and those of the plan.
 */
export async function openSource(request: SourceRequest): Promise<Source> {
  const { open, signal } = request;
  const session = await openForCopy(open, { writes: false, signal });
  try {
    for (let tries = 1; ; tries += 1) {
      const source = await readSource(session, request);
      if (source !== undefined) return source;
      if (tries === mostTries) {
        throw new PgwrightError(
          "copy-refused",
          "the source's schema is being changed while it is read",
          {
            hint: `nothing was written, ${mostTries} tries; run the command again when the other work is done`,
          },
        );
      }
      await session.settle("rollback");
    }
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

async function readSource(session: Session, request: SourceRequest): Promise<Source | undefined> {
  const before = await readCatalogState(session);
  const ledger = await findLedger(session, request.ledger);
  const schema = await dumpAroundRows(session, { ...request, ledger });
  const plan = await request.planMasking(session);
  const tables = await readTables(session, plan, ledger);
  refuseUnreadable(session, tables);
  await session.script("begin isolation level repeatable read read only");
  await lock(session, tables);
  const { id } = await session.one<{ id: string }>("select pg_export_snapshot() as id");
  const identity = await session.one<Identity>(readIdentity);
  const after = await readCatalogState(session);
  if (after.count !== before.count || after.sum !== before.sum) return undefined;
  const absent = await session.query<{ kind: string; name: string }>(listAbsent);
  return {
    session,
    identity,
    snapshotId: id,
    schema,
    plan,
    tables,
    roles: await session.query<NeededRole>(listRoles),
    extensions: (await session.query<{ name: string }>(listExtensions)).map(({ name }) => name),
    texts: await session.query<CatalogText>(selectTexts),
    findings: [...schema.findings, ...absent.map(absentFinding)],
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** @throws PgwrightError `copy-refused`. */
function refuseUnreadable(session: Session, tables: readonly CopyTable[]): void {
  const hidden = tables.filter((table) => table.isHidden);
  if (hidden.length > 0) {
    const { role } = session.server;
    throw new PgwrightError("copy-refused", `row security hides rows from role \`${role}\``, {
      notes: hidden.map(({ id }) => id),
      hint: `nothing was written; as a superuser: ALTER ROLE ${ident(role)} BYPASSRLS`,
    });
  }
  const unlogged = tables.filter((table) => table.isUnlogged);
  if (!session.server.isStandby || unlogged.length === 0) return;
  throw new PgwrightError("copy-refused", "unlogged tables cannot be read on a standby", {
    notes: unlogged.map(({ id }) => id),
    hint: "nothing was written; copy from the primary, or make these tables logged there",
  });
}

async function lock(session: Session, tables: readonly CopyTable[]): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map(({ id }) => `ONLY ${id}`).join(", ");
  try {
    await session.script(`lock table ${names} in access share mode`);
  } catch (error) {
    if (hasSqlState(error, "55P03")) {
      throw new PgwrightError(
        "lock-timeout",
        "a table of the source is locked by other work for over 10 s",
        {
          cause: error,
          hint: "nothing was written; run the command again when that work (a migration, VACUUM FULL, …) is done",
        },
      );
    }
    if (!hasSqlState(error, "42501")) throw error;
    throw new PgwrightError(
      "copy-refused",
      `role \`${session.server.role}\` may not read every table`,
      {
        cause: error,
        notes: [(error as Error).message],
        hint: `nothing was written; as a superuser: GRANT pg_read_all_data TO ${ident(session.server.role)}`,
      },
    );
  }
}

function absentFinding({ kind, name }: { kind: string; name: string }): Finding {
  switch (kind) {
    case "large-objects":
      return {
        rule: "copy/large-objects",
        severity: "warning",
        message: `${name} large objects are not copied: nothing says what is in them`,
      };
    case "subscription":
      return {
        rule: "copy/subscription",
        severity: "warning",
        message: `the subscription ${ident(name)} is not copied: it would fetch originals`,
        object: name,
      };
    default:
      return {
        rule: "copy/extension-table",
        severity: "warning",
        message: `rows of ${name} are not copied: the table belongs to an extension, which fills its own`,
        object: name,
      };
  }
}

/** Says in 16 bytes what a run makes of a source: schema, masks with their keys, parts. */
export function hashOf(...parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
