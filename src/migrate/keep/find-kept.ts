/** The data that rollbacks under a ledger have kept, and which migrations they wait for. */
import { ident, literal } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { LedgerPlace } from "../ledger-place.ts";
import { ledgerName, logName } from "../ledger-place.ts";
import type { Claimant, Origin } from "./claim.ts";
import { claimantOf, tellUnclaimed } from "./claim.ts";
import { refuseGone, sayGone } from "./gone.ts";
import listKept from "./list-kept.sql";
import type { Place } from "./place.ts";
import { grantsOnKept, readPlace } from "./place.ts";
import type { Kept, Unclaimed } from "./shape.ts";
import { keptReason, keptTable } from "./shape.ts";

export interface KeptList {
  readonly place: Place;
  /** Data of migrations, the ones kept last first: what was dropped later comes first. */
  readonly claimed: readonly Kept[];
  readonly unclaimed: readonly Unclaimed[];
  /** There is a list, and the connected role may not read it. */
  readonly isHidden: boolean;
}

interface Row extends Omit<Kept, "shape" | "from" | "claimedBy"> {
  readonly shape: string;
  readonly checksum: string | null;
  readonly isOfLedger: boolean;
}

/** Where and for whom is asked. */
export interface Asking {
  readonly ledger: LedgerPlace;
  /** Role that migrations run as; undefined is the connected one. */
  readonly role: string | undefined;
}

/** Data that wait for one of these migrations, or for none that is here. Nothing where the list may not be read. */
export async function readKept(
  session: Session,
  { ledger, role }: Asking,
  claimants: readonly Claimant[],
): Promise<KeptList> {
  const place = await readPlace(session, role);
  const isHidden = place.hasTable && !place.canRead;
  const rows =
    place.hasTable && !isHidden
      ? await session.query<Row>(listKept, [ledgerName(ledger), role ?? null])
      : [];
  const claimed: Kept[] = [];
  const unclaimed: Unclaimed[] = [];
  for (const row of rows) {
    const claimant = claimantOf(row, claimants);
    if (claimant) {
      const { version, file } = claimant;
      const shape = JSON.parse(row.shape) as Kept["shape"];
      claimed.push({ ...row, version, claimedBy: file ?? version, from: row.version, shape });
    } else if (row.isOfLedger) {
      unclaimed.push(row);
    }
  }
  return { place, claimed, unclaimed, isHidden };
}

/** The migrations that are about to be applied, and all that could be meant. */
export interface About {
  readonly files: readonly { readonly version: string; readonly name: string }[];
  readonly claimants: readonly Claimant[];
  /** There is a log to ask. */
  readonly hasLog: boolean;
}

/** How they are applied. */
interface Way {
  /** The data stay where they are: what stands in the way is a warning. */
  readonly leaves: boolean;
  readonly events: EventListener;
}

/**
 * The data to put back into migrations that are about to be applied.
 *
 * @throws PgwrightError `keep-failed` before anything runs, when they are gone or out of reach.
 */
export async function findKept(
  session: Session,
  asking: Asking,
  about: About & Way,
): Promise<Kept[]> {
  const { files, leaves, events } = about;
  const list = await readKept(session, asking, about.claimants);
  const warn = (message: string) => events({ type: "notice", level: "warning", message });
  for (const { message, hint } of tellUnclaimed(list.unclaimed)) warn(`${message}; ${hint}`);
  if (files.length === 0) return [];
  const isOf = (version: string) => list.claimed.some((one) => one.version === version);
  const denied = await findDenied(session, asking, list, about);
  if (denied) {
    refuse(denied, leaves, warn);
    return [];
  }
  const kept = list.claimed.filter((one) => files.some(({ version }) => version === one.version));
  if (leaves) sayGone(kept, events);
  else refuseGone(kept);
  const foreign = kept.filter(({ isThere, isOwn }) => isThere && !isOwn);
  if (foreign.length > 0) refuse(foreignTables(session, asking, foreign), leaves, warn);
  const missing = list.isHidden ? new Set() : await findMissing(session, asking, list, about);
  for (const { version, name } of files) {
    if (!missing.has(version) || isOf(version)) continue;
    warn(
      `${name}: its rollback has kept data, and pgwright.kept_data lists none of them any more: nothing is put back`,
    );
  }
  return kept.filter(isInReach);
}

/** Why this role may not put back what some of the migrations have left; undefined where none has. */
export async function findDenied(
  session: Session,
  asking: Asking,
  list: KeptList,
  about: About,
): Promise<PgwrightError | undefined> {
  const { place, claimed, isHidden } = list;
  if (!isHidden && (!place.hasTable || place.canRestore)) return undefined;
  const concerned = isHidden
    ? await findMissing(session, asking, list, about)
    : new Set(claimed.map(({ version }) => version));
  const files = about.files.filter(({ version }) => concerned.has(version));
  return files.length === 0 ? undefined : denied(session, asking, place, files);
}

/** Versions of migrations whose rollback has kept data, as the log has it, which are not in the list. */
async function findMissing(
  session: Session,
  { ledger }: Asking,
  list: KeptList,
  { claimants, hasLog }: About,
): Promise<Set<string>> {
  const logged = hasLog ? await readLogged(session, ledger, list) : [];
  return new Set(logged.flatMap((origin) => claimantOf(origin, claimants)?.version ?? []));
}

/** True for data that this role can put back. */
export function isInReach({ isThere, isOwn }: Kept): boolean {
  return isThere && isOwn;
}

function refuse(error: PgwrightError, leaves: boolean, warn: (message: string) => void): void {
  if (!leaves) throw error;
  warn(
    `${error.message}: what is there now is not noted, and no SQL is printed; ${error.details.hint ?? ""}`,
  );
}

function denied(
  session: Session,
  { role }: Asking,
  place: Place,
  files: readonly { readonly name: string }[],
): PgwrightError {
  const who = place.canRead ? (role ?? session.server.role) : session.server.role;
  const names = files.map(({ name }) => name).join(", ");
  return new PgwrightError(
    "keep-failed",
    `the rollback of ${names} has kept data, and role \`${who}\` may not ${place.canRead ? "write to" : "read"} pgwright.kept_data, which says where`,
    { sqlstate: "42501", notes: ["nothing was applied"], hint: grantsOnKept(place, who) },
  );
}

/** A table that is not the role's can be read by grant, and not be dropped when it is empty. */
function foreignTables(
  session: Session,
  { role }: Asking,
  foreign: readonly Kept[],
): PgwrightError {
  const who = role ?? session.server.role;
  const tables = foreign.map(({ id }) => keptTable(id));
  const alter = tables.map((table) => `alter table ${table} owner to ${ident(who)};`).join(" ");
  return new PgwrightError(
    "keep-failed",
    `${tables.join(", ")}, in which the rollback of ${[...new Set(foreign.map(({ file }) => file))].join(", ")} has kept data, ${tables.length === 1 ? "does" : "do"} not belong to role \`${who}\`, which is to put them back`,
    { sqlstate: "42501", notes: ["nothing was applied"], hint: `as a superuser: ${alter}` },
  );
}

/** Rollbacks that were the last to take a version back and have kept data of which the list knows nothing. */
async function readLogged(
  session: Session,
  ledger: LedgerPlace,
  { place, isHidden }: KeptList,
): Promise<Origin[]> {
  const log = logName(ledger);
  const unlisted = `and not exists (
       select from pgwright.kept_data d
       where d.version = r.version and coalesce(to_jsonb(d) ->> 'ledger', ${literal(ledgerName(ledger))}) = ${literal(ledgerName(ledger))}
         and (d.restored_at is null or d.restored_at > r.at))`;
  return await session.query<Origin>(
    `select r.version, r.file, r.up_checksum as checksum from ${log} r
     where r.event = 'rollback' and r.reason = ${literal(keptReason)} and not exists (
       select from ${log} later where later.version = r.version and later.id > r.id
         and later.event in ('apply', 'rollback', 'repair', 'baseline'))
       ${place.hasTable && !isHidden ? unlisted : ""}`,
  );
}
