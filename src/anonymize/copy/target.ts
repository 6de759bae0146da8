/** The database that is written: what is refused before anything is. */
import { randomInt } from "node:crypto";
import { refuseWhenProtected } from "../../database/protection.ts";
import { replaceDatabase } from "../../database/replace.ts";
import { formatNames } from "../../db/amount.ts";
import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { shellWord } from "../../db/shell-word.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import readIdentity from "./identity.sql";
import { type Mark, type Marker, readMarker, whyNotResumable } from "./marker.ts";
import { becomeTheOnlyWriter } from "./only-writer.ts";
import { type Open, openForCopy } from "./open.ts";
import type { Identity, Source } from "./source.ts";
import selectContent from "./target-content.sql";

export interface TargetRequest {
  readonly open: Open;
  readonly signal?: AbortSignal | undefined;
  readonly database: string;
  /** The database that the user allows to be replaced. */
  readonly replace: string | undefined;
  readonly omitOwners: boolean;
  readonly omitGrants: boolean;
  readonly events: EventListener;
}

/** What is to be done with the target before it is written. */
export type Beginning =
  | { readonly kind: "fresh" }
  /** It holds an earlier copy of ours. */
  | { readonly kind: "replace"; readonly why: string; readonly marker: Marker }
  | { readonly kind: "resume"; readonly marker: Marker };

/**
 * Looks at the target and decides how to begin; writes nothing.
 *
 * @throws PgwrightError `copy-refused`, `database-protected`, `server-standby`.
 */
export async function inspectTarget(
  source: Source,
  mark: Mark,
  request: TargetRequest,
): Promise<Beginning> {
  await using session = await openForCopy(request.open, { writes: true, signal: request.signal });
  await refuseSource(source, session);
  // Not the configured database: without the option the command would clear that one's mark.
  await refuseWhenProtected(session, "write a copy into it", { option: " --url <target>" });
  await refuseMissing(source, session, request);
  warnOfAge(source.session, session, request.events);
  const content = await session.query<{ name: string }>(selectContent);
  const marker = await readMarker(session);
  const { database } = session.server;
  if (request.replace !== undefined && request.replace !== database) {
    throw new PgwrightError(
      "copy-refused",
      `--replace names \`${request.replace}\`, and the target is \`${database}\``,
      { hint: "nothing was written; name the target's database itself" },
    );
  }
  if (marker === undefined) {
    if (content.length === 0) return { kind: "fresh" };
    throw notEmpty(database, content);
  }
  if (marker.state === "incomplete") {
    const why = whyNotResumable(marker, mark);
    return why === undefined ? { kind: "resume", marker } : { kind: "replace", why, marker };
  }
  if (request.replace === undefined) {
    throw new PgwrightError(
      "copy-refused",
      `the target \`${database}\` holds a complete copy already`,
      {
        hint: `nothing was written; \`--replace ${shellWord(database)}\` drops it and makes another`,
      },
    );
  }
  return { kind: "replace", why: "--replace names it", marker };
}

function notEmpty(database: string, content: readonly { name: string }[]): PgwrightError {
  return new PgwrightError(
    "copy-refused",
    `the target \`${database}\` is not empty, and no copy that pgwright made`,
    {
      notes: [`in it: ${formatNames(content.map(({ name }) => name))}`],
      hint: "nothing was written; name an empty database: `createdb`, or `pgwright db create --url <target>`",
    },
  );
}

/** An older server may lack what the schema uses; which statement fails is told then. */
function warnOfAge(source: Session, target: Session, events: EventListener): void {
  const major = ({ server }: Session) => Math.floor(server.versionNumber / 10_000);
  if (major(target) >= major(source)) return;
  events({
    type: "notice",
    level: "warning",
    message: `the target runs PostgreSQL ${major(target)}, older than the source's ${major(source)}: objects that need the newer one will fail`,
  });
}

/**
 * Empties a target that holds a copy of ours, whole or in part.
 *
 * @throws PgwrightError `copy-refused` when another run has written there since `marker` was read.
 */
export async function replaceTarget(
  request: TargetRequest,
  { why, marker }: { readonly why: string; readonly marker: Marker },
): Promise<void> {
  {
    const { open, signal } = request;
    await using session = await openForCopy(open, { writes: true, signal });
    await becomeTheOnlyWriter(session, marker);
  }
  request.events({
    type: "notice",
    level: "info",
    message: `the earlier copy in \`${request.database}\` is dropped: ${why}`,
  });
  await replaceDatabase({
    database: request.database,
    open: ({ writes, database }) => request.open({ writes, database, signal: request.signal }),
    protectedBy: undefined,
  });
}

/** @throws PgwrightError `copy-refused` when both are one database, by whatever address. */
async function refuseSource(source: Source, target: Session): Promise<void> {
  const own = await target.one<Identity>(readIdentity);
  const { identity } = source;
  const isSame =
    own.system !== null && identity.system !== null
      ? own.system === identity.system && own.database === identity.database
      : own.database === identity.database && (await sharesLocks(source.session, target));
  if (!isSame) return;
  throw new PgwrightError(
    "copy-refused",
    `the target is the source: both are the database \`${target.server.database}\` on one server`,
    { hint: "nothing was written; create another database and name it as the target" },
  );
}

/** Advisory locks are per database: one that another session holds cannot be had. */
async function sharesLocks(source: Session, target: Session): Promise<boolean> {
  const key = randomInt(2 ** 40);
  await source.query(`select pg_advisory_lock(${key})`);
  const { free } = await target.one<{ free: boolean }>(
    `select pg_try_advisory_lock(${key}) as free`,
  );
  await (free ? target : source).query(`select pg_advisory_unlock(${key})`);
  if (free) await source.query(`select pg_advisory_unlock(${key})`);
  return !free;
}

/** @throws PgwrightError `copy-refused` naming every role and extension that is not there. */
async function refuseMissing(
  source: Source,
  session: Session,
  { omitOwners, omitGrants }: TargetRequest,
): Promise<void> {
  const names = async (sql: string): Promise<Set<string>> =>
    new Set((await session.query<{ name: string }>(sql)).map(({ name }) => name));
  const roles = await names("select rolname as name from pg_roles");
  const extensions = await names("select name from pg_available_extensions");
  const isLeftOut = { owner: omitOwners, grant: omitGrants, policy: false };
  const missing = source.roles.filter((role) => !roles.has(role.name) && !isLeftOut[role.as]);
  const missingRoles = [...new Set(missing.map(({ name }) => name))];
  const missingExtensions = source.extensions.filter((name) => !extensions.has(name));
  if (missingRoles.length === 0 && missingExtensions.length === 0) return;
  const uses = (name: string): string =>
    missing
      .filter((role) => role.name === name)
      .map(
        (role) =>
          ({ owner: "owns objects", grant: "has rights", policy: "is in a policy" })[role.as],
      )
      .join(", ");
  const isAvoidable = missing.length > 0 && missing.every((role) => role.as !== "policy");
  const flags = [
    ...(missing.some((role) => role.as === "owner") ? ["--no-owner"] : []),
    ...(missing.some((role) => role.as === "grant") ? ["--no-grants"] : []),
  ];
  throw new PgwrightError("copy-refused", "the target's server lacks what the schema names", {
    notes: [
      ...missingRoles.map((name) => `role ${ident(name)}: ${uses(name)}`),
      ...missingExtensions.map((name) => `extension ${ident(name)}`),
    ],
    hint: [
      "nothing was written",
      ...(missingRoles.length === 0
        ? []
        : [
            `create the roles there: ${missingRoles.map((name) => `CREATE ROLE ${ident(name)} NOLOGIN;`).join(" ")}`,
          ]),
      ...(isAvoidable ? [`or leave them out with \`${flags.join(" ")}\``] : []),
      ...(missingExtensions.length === 0 ? [] : ["install the extensions there"]),
    ].join("; "),
  });
}
